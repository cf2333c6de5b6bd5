// The tasks of every client, with the functions and types that orval makes.

import * as ledger from "./made/orval";

const park = "baodi-zgc";

async function main() {
  const page = await ledger.projectsList({
    park,
    limit: 3,
    count: "exact",
    fields: ["code", "investment_cny"],
  });
  if (page.status !== 200) throw new Error(JSON.stringify(page.data));
  const amounts: (number | null)[] = page.data.results.map((row) => row.investment_cny);
  const summary = await ledger.projectsSummary({ group_by: ["park", "signed_year"] });
  if (summary.status !== 200) throw new Error(JSON.stringify(summary.data));
  const code = page.data.results[0]?.code ?? "";
  const read = await ledger.projectsRetrieve(code);
  const headers = { "If-Match": read.headers.get("ETag") ?? "" };
  const note = "Seen by orval.";
  const edited = await ledger.projectsPartialUpdate(code, { note }, undefined, { headers });
  if (edited.status !== 200) throw new Error(JSON.stringify(edited.data));
  const refused = await ledger.projectsPartialUpdate(code, { note }, undefined, { headers });
  if (refused.status !== 412) throw new Error(JSON.stringify(refused.data));
  const upsert = () =>
    ledger.projectsBulkPost(
      { projects: [{ code: "by-orval", park, name_zh: "松果电机" }] },
      { on_existing: "update" },
    );
  const upserts: unknown[] = [];
  for (const answer of [await upsert(), await upsert()]) {
    if (answer.status !== 200) throw new Error(JSON.stringify(answer));
    upserts.push([answer.data.created, answer.data.same]);
  }
  const csv = await ledger.projectsCsv({ park, columns: ["code", "stage"], bom: false });
  const wrong = await ledger.projectsList({ park: "baodi" });
  if (wrong.status !== 400) throw new Error(JSON.stringify(wrong.data));
  return {
    count: page.data.count,
    codes: page.data.results.map((row) => row.code),
    amounts,
    cells: summary.data.rows.map((row) => [row.park?.value, row.signed_year?.value, row.count]),
    total: summary.data.total.count,
    note: edited.data.note,
    refused: [refused.status, refused.data.type, refused.data.changed_fields],
    upserts,
    csv: csv.data,
    problem: [wrong.data.type, wrong.data.errors[0]?.parameter, wrong.data.errors[0]?.code],
  };
}

main().then((told) => console.log(JSON.stringify(told)));
