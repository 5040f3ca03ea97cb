import { gzipSync } from "node:zlib";
import { API_LIMITS, type Problem } from "@agent-hive/contracts";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

let hive: TestHive;
beforeAll(async () => {
  hive = await startHive({ handle: null });
});
afterAll(() => hive.stop());

const task = (more: object = {}) => ({ id: "a", agentType: "backend", ...more });
const workflow = (...tasks: object[]) => ({ name: "w", tasks });
const json = (body: unknown) => ({ body: JSON.stringify(body), type: "application/json" });

async function post(body: string | Uint8Array<ArrayBuffer>, type: string, headers: Record<string, string> = {}) {
  const response = await hive.request("/v1/workflows", {
    method: "POST",
    body,
    headers: { "content-type": type, ...headers },
  });
  return { response, problem: (await response.json()) as Problem };
}

const BAD: [what: string, sent: { body: string; type: string }, status: number, told: RegExp][] = [
  ["malformed JSON", { body: '{"name": ', type: "application/json" }, 400, /not JSON: Unexpected end/],
  ["an empty body", { body: "", type: "application/json" }, 400, /empty/],
  [
    "a prototype",
    { body: '{"__proto__": {"a": 1}, "name": "w"}', type: "application/json" },
    400,
    /forbidden|prototype/i,
  ],
  ["a form", { body: "name=w", type: "application/x-www-form-urlencoded" }, 415, /Send application\/json/],
  ["text", { body: "name", type: "text/plain" }, 415, /Send application\/json/],
  ["no object", json("workflow"), 400, /expected object/],
  ["null", json(null), 400, /expected object/],
  ["an empty list", json([]), 400, /Too small/],
  ["neither tasks nor phases", json({ name: "w" }), 400, /either "tasks" or "phases"/],
  ["tasks and phases", json({ ...workflow(task()), phases: {} }), 400, /either "tasks" or "phases"/],
  ["an unknown field", json(workflow(task({ dependson: [] }))), 400, /Did you mean "dependsOn"/],
  [
    "an unknown field of a retry",
    json(workflow(task({ retry: { maxattempts: 1 } }))),
    400,
    /Did you mean "maxAttempts"/,
  ],
  ["an unknown field in a list", json([{ ...workflow(task()), prioriti: 1 }]), 400, /Did you mean "priority"/],
  ["a wrong type", json(workflow(task({ timeoutMs: "1 s" }))), 400, /expected number/],
  ["a priority out of range", json({ ...workflow(task()), priority: 10 }), 400, /<=9/],
  [
    "a cycle",
    json(workflow(task({ dependsOn: ["b"] }), task({ id: "b", dependsOn: ["a"] }))),
    422,
    /in a circle: a → b → a/,
  ],
  ["a task that waits for itself", json(workflow(task({ dependsOn: ["a"] }))), 422, /depends on itself/],
  [
    "an unknown dependency",
    json(workflow(task({ id: "fetch" }), task({ dependsOn: ["fetsh"] }))),
    422,
    /Did you mean "fetch"/,
  ],
  ["a duplicate id", json(workflow(task(), task())), 422, /already taken/],
  ["an id that needs escaping", json(workflow(task({ id: "a/b" }))), 422, /not allowed/],
  ["an unknown agent type", json(workflow(task({ agentType: "backends" }))), 422, /Did you mean "backend"/],
  [
    "an unknown agent type in a phase",
    json({ name: "w", phases: { one: { bakend: ["x"] } } }),
    422,
    /Did you mean "backend"/,
  ],
  [
    "a phase whose task nobody can do",
    json({ name: "w", phases: { one: ["juggling"] } }),
    422,
    /No agent type has the capability/,
  ],
  ["no phases", json({ name: "w", phases: {} }), 422, /no phases/i],
  [
    "too large an input",
    json(workflow(task({ input: "x".repeat(API_LIMITS.inputBytes) }))),
    413,
    /more than 65536 bytes/,
  ],
  ["a name that hides something", json({ ...workflow(task()), name: "a\u202eb" }), 400, /direction of writing/],
  ["a handler with NUL", json(workflow(task({ handler: "\0" }))), 400, /control characters/],
  ["a capability with a comma", json(workflow(task({ requires: ["a,b"] }))), 400, /no comma/],
  ["another charset", { body: "{}", type: "application/json; charset=latin1" }, 415, /charset=latin1/],
  ["too many workflows", json(Array(API_LIMITS.workflowsPerRequest + 1).fill(workflow(task()))), 413, /at most 1000/],
  ["too many tasks", json(workflow(...Array(API_LIMITS.tasksPerWorkflow + 1).fill({}))), 413, /at most 100000/],
];

test.each(BAD)("%s is refused as a problem", async (_what, { body, type }, status, told) => {
  const { response, problem } = await post(body, type);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:agent-hive:problem:/),
    code: expect.any(String),
  });
  expect(`${problem.detail} ${JSON.stringify(problem.errors ?? []).replaceAll('\\"', '"')}`).toMatch(told);
});

test("all that is wrong is told at once, with where it is", async () => {
  const { problem } = await post(
    json([workflow(task()), workflow(task({ agentType: "x" }), task({ dependsOn: ["y"] }))]).body,
    "application/json",
  );
  expect(problem.errors!.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual([
    "1/tasks/0/agentType unknown_agent_type",
    "1/tasks/1/dependsOn/0 unknown_dependency",
    "1/tasks/1/id duplicate_task_id",
  ]);
});

test("a list with one bad workflow stores none of it", async () => {
  const before = await (await hive.request("/v1/workflows?limit=1000")).json();
  await post(JSON.stringify([workflow(task()), workflow(task({ agentType: "x" }))]), "application/json");
  expect(await (await hive.request("/v1/workflows?limit=1000")).json()).toEqual(before);
});

test("a body may be gzipped; one that only claims to be is refused", async () => {
  const headers = { "content-encoding": "gzip" };
  const packed = new Uint8Array(gzipSync(JSON.stringify(workflow(task()))));
  expect((await post(packed, "application/json", headers)).response.status).toBe(201);
  expect((await post("not gzip", "application/json", headers)).response.status).toBe(400);
  expect((await post("x", "application/json", { "content-encoding": "br" })).response.status).toBe(415);
});

test("a gzip bomb is cut off at the limit", async () => {
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(API_LIMITS.bodyBytes + 1)));
  const { response, problem } = await post(bomb, "application/json", { "content-encoding": "gzip" });
  expect([response.status, problem.code]).toEqual([413, "OVER_LIMIT"]);
});

describe("an idempotency key", () => {
  test("gives the same workflow again for the same body, and refuses another", async () => {
    const headers = { "idempotency-key": "order-7" };
    const first = await hive.request("/v1/workflows", { json: workflow(task()), headers });
    const again = await hive.request("/v1/workflows", { json: workflow(task()), headers });
    const other = await hive.request("/v1/workflows", { json: workflow(task({ id: "b" })), headers });
    expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
    expect([first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")]).toEqual([
      null,
      "true",
    ]);
    expect(await again.json()).toEqual(await first.json());
    expect(await other.json()).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  });

  test("used many times at once makes one workflow", async () => {
    const headers = { "idempotency-key": "at-once" };
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => hive.request("/v1/workflows", { json: workflow(task()), headers })),
    );
    const ids = await Promise.all(responses.map(async (response) => ((await response.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    expect(responses.filter((response) => response.status === 201)).toHaveLength(1);
  });

  test("that is too long is refused", async () => {
    const response = await hive.request("/v1/workflows", {
      json: workflow(task()),
      headers: { "idempotency-key": "k".repeat(256) },
    });
    expect(response.status).toBe(400);
  });
});

test.each([
  ["/v1/workflows/not-an-id", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/tasks", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/tasks/a", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/tasks/a/output", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/tasks/a/attempts", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/attempts", 404],
  ["/v1/workflows/01a20922-1fa8-70c4-9ed9-4d9278452d8e/events", 404],
  ["/v1/artifacts/xyz", 404],
  [`/v1/artifacts/${"0".repeat(64)}`, 404],
  ["/v1/nothing", 404],
  ["/v1/workflows?limit=0", 400],
  ["/v1/workflows?state=done", 400],
  ["/v1/workflows?sate=running", 400],
  ["/v1/workflows?cursor=nonsense", 400],
  ["/v1/dead-letters?cursor=nonsense", 400],
  ["/v1/workflows/%ff", 400],
])("GET %s is answered %i, as a problem", async (path, status) => {
  const response = await hive.request(path);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(await response.json()).toMatchObject({ status, code: expect.any(String), title: expect.any(String) });
});

test("artifacts are stored under their hash, whatever their type, and wrong hashes refused", async () => {
  const content = '{"large": [1, 2]}';
  const sha256 = "51dbc4e7b2b4ebae22ea0ae6bd2bf1d8a28bdb2c1e1ee2e8bb0e3ba0a1dcfef9";
  const wrong = await hive.request(`/v1/artifacts/${sha256}`, {
    method: "PUT",
    body: content,
    headers: { "content-type": "application/json" },
  });
  expect(wrong.status).toBe(400);
  const actual = /have SHA-256 ([0-9a-f]{64})/.exec(((await wrong.json()) as Problem).detail)![1]!;
  for (const type of ["application/json", "application/octet-stream"]) {
    const put = await hive.request(`/v1/artifacts/${actual}`, {
      method: "PUT",
      body: content,
      headers: { "content-type": type },
    });
    expect(put.status).toBe(204);
  }
  expect(await (await hive.request(`/v1/artifacts/${actual}`)).text()).toBe(content);
  const large = {
    method: "PUT",
    body: new Uint8Array(API_LIMITS.artifactBytes + 1),
    headers: { "content-type": "application/octet-stream" },
  };
  expect((await hive.request(`/v1/artifacts/${actual}`, large)).status).toBe(413);
});

test("lists go from page to page, newest first", async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await hive.request(`/v1/workflows?limit=5&state=running${cursor === "" ? "" : `&cursor=${cursor}`}`);
    const { workflows, next } = (await page.json()) as { workflows: { id: string }[]; next: string | null };
    seen.push(...workflows.map(({ id }) => id));
    cursor = next;
  }
  const all = (await (await hive.request("/v1/workflows?limit=1000")).json()) as { workflows: { id: string }[] };
  expect(seen).toEqual(all.workflows.map(({ id }) => id));
  expect(seen).toEqual(seen.toSorted().toReversed());
});

test("above the backlog limit submissions are asked to come again", async () => {
  const engine = await hive.startEngine({ HIVE_BACKLOG_LIMIT: "0", HIVE_WINDOW_MINIMUM: "1" });
  const tasks = Array.from({ length: 40 }, (_, i) => task({ id: `t${i}` }));
  const submit = () =>
    fetch(`${engine.url}/v1/workflows`, {
      method: "POST",
      body: JSON.stringify(workflow(...tasks)),
      headers: { "content-type": "application/json" },
    });
  let response = await submit();
  for (let tries = 0; response.status === 201 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    response = await submit();
  }
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "2"]);
  expect(await response.json()).toMatchObject({ code: "BACKLOG_FULL" });
});

test("the API describes itself", async () => {
  const response = await hive.request("/docs-json");
  expect(await response.json()).toMatchObject({
    openapi: expect.any(String),
    paths: { "/v1/workflows": expect.anything() },
  });
  expect((await hive.request("/docs")).status).toBe(200);
});
