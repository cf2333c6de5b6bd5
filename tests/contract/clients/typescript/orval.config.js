module.exports = {
  ledger: {
    input: "openapi.json",
    output: {
      target: "made/orval.ts",
      client: "fetch",
      override: { mutator: { path: "./orval_fetch.ts", name: "ask" } },
    },
  },
};
