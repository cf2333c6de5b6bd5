// What a program does with types made of the OpenAPI document: it prints what it was answered.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Project = components["schemas"]["Project"];

const [baseUrl = "", token = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const park = "baodi-zgc";

function take<Data>(answer: { data?: Data; error?: unknown }): Data {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

// A list
const page = take(
  await client.GET("/api/v1/projects", {
    params: { query: { park, limit: 3, count: "exact", fields: ["code", "investment_cny"] } },
  }),
);
const codes = page.results.map((row: Project) => row.code);
const amounts: (number | null)[] = page.results.map((row) => row.investment_cny);

// A summary by two dimensions
const summary = take(
  await client.GET("/api/v1/projects/summary", {
    params: { query: { group_by: ["park", "stage"], measures: ["count", "share"] } },
  }),
);

// An edit of what was read, and one of what is not so any more
const [code = ""] = codes;
const path = { code };
const read = await client.GET("/api/v1/projects/{code}", { params: { path } });
const tag = read.response.headers.get("ETag") ?? "";
const edit = () =>
  client.PATCH("/api/v1/projects/{code}", {
    params: { path, header: { "If-Match": tag } },
    body: { note: "Seen by a typed client." },
  });
const edited = take(await edit());
const refused = await edit();

// Files
const query = { park, columns: ["code", "stage"] };
const csv = await client.GET("/api/v1/projects.csv", {
  params: { query: { ...query, bom: false } },
  parseAs: "text",
});
const book = await client.GET("/api/v1/projects.xlsx", {
  params: { query },
  parseAs: "arrayBuffer",
});

console.log(
  JSON.stringify({
    count: page.count,
    codes,
    amounts,
    group_by: summary.group_by,
    rows: summary.rows.map((row) => row.count),
    cells: summary.rows.map((row) => [row.park?.value, row.stage?.name_zh]),
    total: summary.total.count,
    note: edited.note,
    refused: [refused.response.status, refused.error?.type],
    csv: take(csv),
    csv_rows: csv.response.headers.get("X-Row-Count"),
    book: new TextDecoder().decode(new Uint8Array(take(book)).slice(0, 2)),
  }),
);
