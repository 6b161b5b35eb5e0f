// A typed client of the service: lists, searches, makes a segment, follows its run, reads a problem.
// `node client.ts <url> <key>` runs it; the types come from openapi.json.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

type Schemas = components["schemas"];
type FilterNode = Schemas["FilterNode"];
type Run = Schemas["RunOut"];
type Problem = Schemas["ProblemOut"];
type Api = ReturnType<typeof createClient<paths>>;

declare const process: { argv: string[] };

// Spent at least 5,000 in the last 30 days, and either lives in Kazan or opened no mailing since spring.
const tree: Schemas["FilterTree"] = {
  version: 1,
  root: {
    type: "group",
    match: "all",
    nodes: [
      {
        type: "action",
        action: "purchase",
        measure: { function: "sum", param: "amount" },
        operator: "gte",
        value: "5000.00",
        period: { from: "now-30d/d", to: "now" },
      },
      {
        type: "group",
        match: "any",
        nodes: [
          { type: "field", field: "city", operator: "eq", value: "Казань" },
          {
            type: "action",
            action: "mailing.opened",
            operator: "eq",
            value: 0,
            where: { type: "field", field: "time", operator: "after", value: "2026-03-01" },
          },
        ],
      },
    ],
  },
};

// The compiler knows which keys a node has by its type, and that no type is forgotten.
function leaves(node: FilterNode): number {
  switch (node.type) {
    case "group":
      return node.nodes.reduce((sum, child) => sum + leaves(child), 0);
    case "action":
      return node.where ? 2 : 1;
    case "field":
    case "segment":
      return 1;
  }
}

// @ts-expect-error: `like` is no operator.
const wrongOperator: FilterNode = { type: "field", field: "city", operator: "like", value: "К" };
// @ts-expect-error: a segment node takes a list of codes.
const wrongValue: FilterNode = { type: "segment", operator: "in", value: "churned" };
// @ts-expect-error: a `where` holds no actions.
const wrongWhere: FilterNode = { type: "action", action: "purchase", where: { type: "action", action: "visit" } };
void [wrongOperator, wrongValue, wrongWhere];

class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

function taken<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new Refused(answer.error);
  if (answer.data === undefined) throw new Error("an answer without a body");
  return answer.data;
}

async function allTags(api: Api): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null | undefined;
  do {
    const query = cursor ? { limit: 2, cursor } : { limit: 2 };
    const page = taken(await api.GET("/api/v1/tags", { params: { query } }));
    names.push(...page.items.map((tag) => tag.name));
    cursor = page.next_cursor;
  } while (cursor);
  return names;
}

async function richest(api: Api): Promise<string[]> {
  const body = { filter: tree, sort: "-revenue", fields: ["id", "full_name", "revenue"], limit: 10, count: true };
  const found = taken(await api.POST("/api/v1/clients/search", { body }));
  const total = found.total?.value ?? 0;
  return found.items.map((client) => `${client.id} of ${total}: ${client.full_name ?? "?"}, ${client.revenue ?? "0"}`);
}

async function finished(api: Api, id: number): Promise<Run> {
  for (;;) {
    const run = taken(await api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: id } } }));
    if (run.state !== "queued" && run.state !== "running") return run;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function main(url: string, key: string): Promise<void> {
  const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
  console.log("leaves", leaves(tree.root), "tags", (await allTags(api)).length);
  console.log("richest", (await richest(api)).length);

  const body = { name: "Крупные покупки", kind: "dynamic", filter: tree } as const;
  const segment = taken(await api.POST("/api/v1/segments", { body }));
  const path = { code: segment.code };
  const begun = taken(await api.POST("/api/v1/segments/{code}/recalculations", { params: { path } }));
  console.log("run", (await finished(api, begun.id)).state);

  const absent = await api.GET("/api/v1/segments/{code}", { params: { path: { code: "absent" } } });
  const problem: Problem | undefined = absent.error;
  console.log("problem", problem?.status, problem?.code);
}

const [, , url, key] = process.argv;
if (url !== undefined && key !== undefined) await main(url, key);
