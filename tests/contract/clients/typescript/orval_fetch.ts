// What orval calls for each request: it adds the server and the token.

const [baseUrl = "", token = ""] = process.argv.slice(2);

export async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const headers = { ...init.headers, Authorization: `Bearer ${token}` };
  const answer = await fetch(baseUrl + path, { ...init, headers });
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const data = isJson ? await answer.json() : await answer.text();
  return { data, status: answer.status, headers: answer.headers } as Answer;
}
