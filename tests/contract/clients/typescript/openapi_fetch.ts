// The tasks of every client, with types that openapi-typescript makes and calls of openapi-fetch.

import createClient from "openapi-fetch";
import type { paths } from "./made/schema";

const [baseUrl = "", token = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

function take<Data>(answer: { data?: Data; error?: unknown }): Data {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function main() {
  const park = "baodi-zgc";
  const page = take(
    await client.GET("/api/v1/projects", {
      params: { query: { park, limit: 3, count: "exact", fields: ["code", "investment_cny"] } },
    }),
  );
  const amounts: (number | null)[] = page.results.map((row) => row.investment_cny);
  const summary = take(
    await client.GET("/api/v1/projects/summary", {
      params: { query: { group_by: ["park", "signed_year"] } },
    }),
  );
  const path = { code: page.results[0]?.code ?? "" };
  const read = await client.GET("/api/v1/projects/{code}", { params: { path } });
  const tag = read.response.headers.get("ETag") ?? "";
  const edit = () =>
    client.PATCH("/api/v1/projects/{code}", {
      params: { path, header: { "If-Match": tag } },
      body: { note: "Seen by openapi-fetch." },
    });
  const edited = take(await edit());
  const refused = await edit();
  const upsert = () =>
    client.POST("/api/v1/projects/bulk", {
      params: { query: { on_existing: "update" } },
      body: { projects: [{ code: "by-openapi-fetch", park, name_zh: "云帆芯片" }] },
    });
  const upserts = [await upsert(), await upsert()];
  const csv = await client.GET("/api/v1/projects.csv", {
    params: { query: { park, columns: ["code", "stage"], bom: false } },
    parseAs: "text",
  });
  const wrong = await client.GET("/api/v1/projects", { params: { query: { park: "baodi" } } });
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
