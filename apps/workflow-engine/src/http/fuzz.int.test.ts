/** Requests made at random from the API's own description: none is answered 5xx, and every refusal is a problem. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { problemSchema } from "@agent-hive/contracts";
import { startHive, type TestHive } from "../test-fixtures/hive.js";
import { readCommittedOpenApi } from "./generate-open-api.js";

let hive: TestHive;
let known: string;
beforeAll(async () => {
  hive = await startHive();
  known = await hive.submit({ name: "known", tasks: [{ id: "a", agentType: "backend" }] });
});
afterAll(() => hive.stop());

interface Operation {
  parameters?: { name: string; in: string }[];
}
const { paths } = readCommittedOpenApi() as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { parameters = [] }]) => ({ method: method.toUpperCase(), path, parameters })),
);

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "",
    ".",
    "..",
    "%00",
    "\0",
    "null",
    "NaN",
    "-1",
    "0",
    "1e99",
    "9".repeat(30),
    "a".repeat(2000),
    "' or 1=1 --",
  ),
);
const value = (name: string) =>
  name === "id" ? fc.oneof(fc.constant("KNOWN"), fc.uuid(), odd) : fc.oneof(fc.constantFrom("a", "10", "running"), odd);

/** JSON that is nearly a workflow: each part of it right, wrong, missing or too many. */
const nearly = (right: unknown) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, fc.jsonValue({ maxDepth: 2 }), odd);
const task = fc.record(
  {
    id: fc.oneof(fc.constantFrom("a", "b", "c"), odd),
    agentType: fc.oneof(fc.constantFrom("backend", "BACKEND_ENGINEERS", "qa"), odd),
    dependsOn: nearly(["a"]),
    handler: nearly("noop"),
    input: fc.jsonValue(),
    requires: nearly([]),
    timeoutMs: nearly(1000),
    retry: nearly({ maxAttempts: 1 }),
    more: odd,
  },
  { requiredKeys: [] },
);
const definition = fc.record(
  {
    name: nearly("w"),
    priority: nearly(5),
    input: fc.jsonValue(),
    tasks: fc.oneof(fc.array(task, { maxLength: 4 }), nearly([])),
    phases: nearly({ one: { backend: ["x"] } }),
  },
  { requiredKeys: [] },
);
const written = fc.oneof(
  definition.map((each) => JSON.stringify(each)),
  fc.array(definition, { maxLength: 3 }).map((each) => JSON.stringify(each)),
  fc.tuple(definition, fc.array(task, { maxLength: 4 })).map((lines) =>
    lines
      .flat()
      .map((line) => JSON.stringify(line))
      .join("\n"),
  ),
  fc.json(),
  odd,
);
const body = fc.record({
  bytes: written.map((each) => Buffer.from(each)),
  isPacked: fc.boolean(),
  type: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("application/json", "application/x-ndjson") },
    fc.constantFrom(
      "application/octet-stream",
      "text/plain",
      "application/json; charset=x",
      "multipart/form-data",
      "x",
    ),
  ),
  encoding: fc.constantFrom("gzip", undefined, undefined, "br", "identity"),
});

const request = fc.constantFrom(...operations).chain((operation) =>
  fc.record({
    operation: fc.constant(operation),
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant(operation.method) },
      fc.constantFrom("PUT", "DELETE", "PATCH", "OPTIONS"),
    ),
    values: fc.record(Object.fromEntries(operation.parameters.map(({ name }) => [name, value(name)])), {
      requiredKeys: [],
    }),
    query: fc.dictionary(odd, odd, { maxKeys: 1 }),
    body,
  }),
);

type Sent = typeof request extends fc.Arbitrary<infer T> ? T : never;

function urlOf({ operation, values, query }: Sent): string {
  const given = values as Record<string, string>;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    segment(given[name]?.replace("KNOWN", known)),
  );
  const inQuery = operation.parameters.flatMap(({ name, in: where }) =>
    where === "query" && given[name] !== undefined ? [[name, given[name]]] : [],
  );
  return `${hive.engine.url}${path}?${new URLSearchParams([...inQuery, ...Object.entries(query)] as [string, string][]).toString()}`;
}

/** Dots alone would be taken out of the path before it is sent. */
const segment = (text = "x"): string => encodeURIComponent(text.toWellFormed()).replace(/^\.+$/, "%252e") || "x";

const headersOf = ({ operation, values }: Sent): Record<string, string> =>
  Object.fromEntries(
    operation.parameters
      .filter(({ name, in: where }) => where === "header" && name in values)
      .map(({ name }) => [name, (values as Record<string, string>)[name]!.replaceAll(/[^\x20-\x7e]/g, "?").trim()]),
  );

test("whatever is sent, it is served or refused as a problem", async () => {
  await fc.assert(
    fc.asyncProperty(request, async (sent) => {
      const { bytes, isPacked, type, encoding } = sent.body;
      const hasBody = sent.method !== "GET";
      const content = { "content-type": type, ...(encoding === undefined ? {} : { "content-encoding": encoding }) };
      const ended = new AbortController();
      const response = await fetch(urlOf(sent), {
        method: sent.method,
        headers: { ...headersOf(sent), ...(hasBody ? content : {}) },
        ...(hasBody ? { body: new Uint8Array(isPacked ? gzipSync(bytes) : bytes) } : {}),
        signal: ended.signal,
      });
      expect(response.status).toBeLessThan(500);
      if (response.status >= 400) {
        expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
        expect(problemSchema.parse(await response.json())).toMatchObject({ status: response.status });
      }
      ended.abort(); // a stream of events would go on
    }),
    { numRuns: 200, endOnFailure: true, timeout: 10_000 },
  );
  expect((await fetch(`${hive.engine.url}/health/ready`)).status).toBe(200);
}, 60_000);
