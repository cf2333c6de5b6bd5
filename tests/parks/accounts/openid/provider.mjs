// A provider of OpenID Connect in memory, certified as such, whose pages take any password:
// node provider.mjs PORT CALLBACK PEOPLE, where PEOPLE are claims as JSON, by what one types as name.
// It is run in the folder of its packages, of which this file is no part.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, callback, people] = process.argv.slice(2);
const found = createRequire(`${process.cwd()}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const claims = JSON.parse(people);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "ledger",
      client_secret: "a secret of a test",
      redirect_uris: [callback],
      post_logout_redirect_uris: [new URL("/", callback).href],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username", "given_name", "family_name"],
    groups: ["groups"],
  },
  pkce: { required: () => true },
  cookies: { keys: ["of a test"] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims[id] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
