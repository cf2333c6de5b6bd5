// The tasks of every client, with the functions and types that @hey-api/openapi-ts makes.

import { client } from "./made/hey/client.gen";
import {
  projectsBulkPost,
  projectsCsv,
  projectsList,
  projectsPartialUpdate,
  projectsRetrieve,
  projectsSummary,
} from "./made/hey";

const [baseUrl = "", token = ""] = process.argv.slice(2);
client.setConfig({ baseUrl, auth: token });

function take<Data>(answer: { data?: Data; error?: unknown }): Data {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function main() {
  const park = "baodi-zgc";
  const page = take(
    await projectsList({
      query: { park, limit: 3, count: "exact", fields: ["code", "investment_cny"] },
    }),
  );
  const amounts: (number | bigint | null)[] = page.results.map((row) => row.investment_cny);
  const summary = take(await projectsSummary({ query: { group_by: ["park", "signed_year"] } }));
  const path = { code: page.results[0]?.code ?? "" };
  const read = await projectsRetrieve({ path });
  const tag = read.response.headers.get("ETag") ?? "";
  const edit = () =>
    projectsPartialUpdate({
      path,
      headers: { "If-Match": tag },
      body: { note: "Seen by hey-api." },
    });
  const edited = take(await edit());
  const refused = await edit();
  const upsert = () =>
    projectsBulkPost({
      query: { on_existing: "update" },
      body: { projects: [{ code: "by-hey-api", park, name_zh: "海星制药" }] },
    });
  const upserts = [await upsert(), await upsert()];
  const csv = await projectsCsv({
    query: { park, columns: ["code", "stage"], bom: false },
    parseAs: "text",
  });
  const wrong = await projectsList({ query: { park: "baodi" } });
  return {
    count: page.count,
    codes: page.results.map((row) => row.code),
    amounts,
    cells: summary.rows.map((row) => [row.park?.value, row.signed_year?.value, row.count]),
    total: summary.total.count,
    note: edited.note,
    refused: [refused.response.status, refused.error?.type, refused.error?.changed_fields],
    upserts: upserts.map((each) => [take(each).created, take(each).same]),
    csv: take(csv),
    problem: [wrong.error?.type, wrong.error?.errors[0]?.parameter, wrong.error?.errors[0]?.code],
  };
}

main().then((told) => console.log(JSON.stringify(told)));
