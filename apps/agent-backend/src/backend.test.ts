import type { TaskOutput } from "@agent-hive/product-spec";
import { backendBuilders } from "./index.js";
import { tableDefinitions } from "./db-integration/table-definitions.js";

const operation = (operationId: string, tag: string, security: object[]) => ({ operationId, tags: [tag], security });

const openapi = {
  "x-accounts": { administrator: "owner", newcomer: "guest", roles: { guest: "", owner: "" } },
  tags: [{ name: "order_lines" }, { name: "accounts" }],
  paths: {
    "/api/order-lines": { get: operation("listOrderLines", "order_lines", [{}]) },
    "/api/order-lines/{id}": { delete: operation("deleteOrderLine", "order_lines", [{ session: ["owner"] }]) },
    "/api/session": { get: operation("getSession", "accounts", [{ session: [] }]) },
  },
};
const designed: Record<string, TaskOutput> = {
  system_design: { files: { "openapi.json": JSON.stringify(openapi) }, summary: "" },
};
const build = (task: string, outputs = designed): TaskOutput => backendBuilders[task]!({} as never, outputs);

test("the API has what the document declares, and nothing else", () => {
  const { files } = build("api_development");
  expect(files["api/records/order-lines.js"]).toBe(`import { noContent, ok } from "../replies.js";

/** The operations on order lines. */
export const orderLinesOperations = (data) => ({
  listOrderLines: ({ query }) => ok(data.order_lines.list(query)),
  deleteOrderLine: ({ params }) => {
    data.order_lines.remove(params.id);
    return noContent();
  },
});
`);
});

test("permissions are those of the document: for anyone, for every account, for a role", () => {
  expect(build("auth_system").files["auth/permissions.js"]).toContain(
    '{ listOrderLines: ["anyone"], deleteOrderLine: ["owner"], getSession: ["guest", "owner"] }',
  );
});

test("the data layer knows the tables as SQLite understood the schema", () => {
  const schema = `
    CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR(10), notes TEXT, alive BOOLEAN, updated_at TIMESTAMP);
    CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id));`;
  expect(tableDefinitions(schema)).toEqual([
    {
      name: "authors",
      columns: ["id", "name", "notes", "alive", "updated_at"],
      booleans: ["alive"],
      searched: ["name"],
      references: {},
      keepsChangeTime: true,
    },
    {
      name: "books",
      columns: ["id", "author_id"],
      booleans: [],
      searched: [],
      references: { author_id: "authors" },
      keepsChangeTime: false,
    },
  ]);
});

test("a schema that SQLite refuses fails the task that uses it", () => {
  const database_design = { files: { "schema.sql": "CREATE TABLE order (id);" }, summary: "" };
  expect(() => build("db_integration", { database_design })).toThrow('near "order": syntax error');
});

test("a task without the output it builds on says which file is missing", () => {
  expect(() => build("api_development", {})).toThrow(
    'Task "system_design" built no file "openapi.json". It built: nothing.',
  );
});
