import { gzipSync } from "node:zlib";
import { API_LIMITS, problemSchema } from "@agent-hive/contracts";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

let hive: TestHive;
beforeAll(async () => {
  hive = await startHive();
});
afterAll(() => hive.stop());

const JSON_TYPE = { "content-type": "application/json" };
const LINES = { "content-type": "application/x-ndjson" };

async function submit(body: string | Buffer, headers: Record<string, string>) {
  const sent = typeof body === "string" ? body : new Uint8Array(body);
  const response = await hive.request("/v1/workflows", { method: "POST", body: sent, headers });
  return { status: response.status, answer: (await response.json()) as { id: string } };
}

const HOSTILE = [
  "'; drop table task; --",
  '{"a":"b"}',
  "$(reboot) `reboot` %s %n {0}",
  "../../etc/passwd",
  "раypal",
  "*\\r\\n$4\\r\\nQUIT",
  "注文 👩‍👩‍👧",
];

test("hostile names and inputs are stored, run and shown as they are", async () => {
  const input = { "\0": ["\0\ud800", "\u202e", "x".repeat(10_000), ...HOSTILE], constructor: 1, toString: null };
  const id = await hive.submit({
    name: HOSTILE.join(" ").slice(0, 200),
    input,
    tasks: HOSTILE.map((name, index) => ({
      id: `t${index}`,
      agentType: "backend",
      handler: name.replaceAll(",", ";"),
      input: { ...input, name },
    })),
  });
  const workflow = await hive.finished(id);
  expect(workflow).toMatchObject({ state: "succeeded", name: HOSTILE.join(" ").slice(0, 200) });
  for (const [index, name] of HOSTILE.entries()) {
    const output = await hive.request(`/v1/workflows/${id}/tasks/t${index}/output`);
    expect(await output.json()).toEqual({ ...input, name });
  }
});

test("lines, packed or not, are submitted like JSON, and by the same key are the same workflow", async () => {
  const tasks = [
    { id: "a", agentType: "backend" },
    { id: "b", agentType: "backend", dependsOn: ["a"] },
  ];
  const lines = [{ name: "w" }, ...tasks].map((line) => JSON.stringify(line)).join("\n");
  const key = { "idempotency-key": "lines" };
  const first = await submit(lines, { ...LINES, ...key });
  const packed = await submit(gzipSync(lines), { ...LINES, ...key, "content-encoding": "GZIP" });
  const whole = await submit(JSON.stringify({ name: "w", tasks }), { ...JSON_TYPE, ...key });
  expect([first.status, packed.status, whole.status]).toEqual([201, 200, 200]);
  expect([packed.answer.id, whole.answer.id]).toEqual([first.answer.id, first.answer.id]);
  expect(await hive.finished(first.answer.id)).toMatchObject({ state: "succeeded", tasks: { succeeded: 2 } });
});

test.each([
  ["truncated gzip", gzipSync("{}").subarray(0, 15), { ...JSON_TYPE, "content-encoding": "gzip" }, 400],
  ["gzip in gzip", gzipSync(gzipSync("{}")), { ...JSON_TYPE, "content-encoding": "gzip" }, 400],
  ["two encodings", gzipSync("{}"), { ...JSON_TYPE, "content-encoding": "gzip, gzip" }, 415],
  ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE, 400],
  ["another charset", "{}", { "content-type": "application/json; charset=utf-16" }, 415],
  ["a type that is none", "{}", { "content-type": "application" }, 415],
  ["a bomb of lines", gzipSync("\n".repeat(API_LIMITS.bodyBytes + 1)), { ...LINES, "content-encoding": "gzip" }, 413],
  ["deep nesting", "[".repeat(100_000), JSON_TYPE, 400],
  ["deep nesting in a large body", `{"a":${"[".repeat(300_000)}`, JSON_TYPE, 400],
  ["a number that would be rounded", '{"name":"w","input":12345678901234567890}', JSON_TYPE, 400],
])("%s is refused as a problem", async (_what, body, headers: Record<string, string>, status) => {
  const refused = await submit(body, headers);
  expect(problemSchema.parse(refused.answer)).toMatchObject({ status });
  expect(refused.status).toBe(status);
});

test("HEAD of a stream of events ends", async () => {
  const response = await hive.request("/v1/events", { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});
