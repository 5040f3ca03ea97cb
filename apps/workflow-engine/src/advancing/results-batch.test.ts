import type { Outcome, StreamEntry } from "@agent-hive/contracts";
import { resultOf } from "../test-fixtures/fake-agents.js";
import { readBatch } from "./results-batch.js";

const workflowId = "01a20922-1fa8-70c4-9ed9-4d9278452d8e";
const tp = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const reader = { stream: "workflow:results", incarnation: "e.1", agentId: "e" };
const envelope = { v: "1", k: `${workflowId}:2`, a: "3", g: "backend", tp };
const result = (outcome: Outcome, more: object = {}) => {
  const task = { workflowId, taskId: "t", position: 2, attempt: 3, agentType: "backend" };
  const by = { incarnation: "i", agentId: "a", entryId: "5-0", startedAtMs: 1 };
  return { ...envelope, t: "result", m: JSON.stringify({ ...resultOf(task, outcome, by), ...more }) };
};
const read = (...all: Record<string, string>[]) =>
  readBatch(
    all.map((fields, i): StreamEntry => ({ id: `${i}-0`, fields })),
    reader,
  );

test("a result becomes a row with its output as JSON text", () => {
  const { results, deadLetters } = read(result({ status: "succeeded", output: { a: [1] } }));
  expect(deadLetters).toEqual([]);
  expect(results).toMatchObject([
    {
      workflowId,
      position: 2,
      attempt: 3,
      agentType: "backend",
      outcome: { status: "succeeded", output: '{"a":[1]}' },
      entryId: "5-0",
    },
  ]);
});

test.each<[Outcome, object]>([
  [{ status: "succeeded" }, { status: "succeeded", output: null }],
  [
    { status: "succeeded", output: null },
    { status: "succeeded", output: "null" },
  ],
  [
    { status: "timed-out", timeoutMs: 50 },
    { status: "timed-out", error: { code: "TIMED_OUT" } },
  ],
  [
    { status: "failed", error: { code: "X", message: "x" }, retryable: true, retryAfterMs: 9 },
    { status: "failed", retryAfterMs: 9 },
  ],
])("%j is recorded as %j", (outcome, recorded) => {
  expect(read(result(outcome)).results[0]!.outcome).toMatchObject(recorded);
});

test("crashes, checkpoints and dead letters find their places in one batch", () => {
  const crash = { ...envelope, t: "crash", e: "7-0", d: "dead.1", al: "1", ch: "0", st: "" };
  const checkpoint = {
    ...envelope,
    t: "checkpoint",
    m: JSON.stringify({ version: 1, workflowId, position: 2, attempt: 3, sequence: 1, data: { at: 5 } }),
  };
  const letter = {
    version: 1,
    reason: "NO_TAKER",
    message: "nobody",
    stream: "s",
    entryId: "1-1",
    incarnation: "r",
    agentId: "r",
    fields: {},
  };
  const batch = read(crash, checkpoint, { ...envelope, t: "dead-letter", m: JSON.stringify(letter) });
  expect(batch.crashes).toMatchObject([
    { entryId: "7-0", incarnation: "dead.1", alone: true, charged: false, startedAtMs: null },
  ]);
  expect(batch.checkpoints).toMatchObject([{ sequence: 1, data: '{"at":5}' }]);
  expect(batch.deadLetters).toMatchObject([{ reason: "NO_TAKER", task: { workflowId, position: 2, attempt: 3 } }]);
});

const attempt = { workflowId, position: 2, attempt: 3 };
const deep = JSON.stringify(result({ status: "succeeded", output: "OUTPUT" }).m).replace(
  '\\"OUTPUT\\"',
  "[".repeat(5000) + "]".repeat(5000),
);

test.each([
  ["no type", { v: "1" }, null],
  ["another version", { ...result({ status: "succeeded" }), v: "2" }, null],
  ["no JSON", { ...envelope, t: "result", m: "{" }, attempt],
  ["a payload about another attempt", result({ status: "succeeded" }, { attempt: 4 }), attempt],
  ["an outcome that is none", result({ status: "done" } as never), attempt],
  ["an output that is too deep", { ...envelope, t: "result", m: JSON.parse(deep) as string }, attempt],
  ["a checkpoint that is none", { ...envelope, t: "checkpoint", m: "{" }, null],
])("%s becomes a dead letter that keeps the entry, and ends the attempt of a result", (_what, fields, task) => {
  const { results, deadLetters } = read(fields);
  expect(results).toEqual([]);
  expect(deadLetters).toMatchObject([
    {
      reason: "UNPARSEABLE",
      entryId: "0-0",
      fields: { v: fields.v },
      task: task && expect.objectContaining(task),
      incarnation: "e.1",
    },
  ]);
});

test("one bad entry leaves the others alone", () => {
  const { results, deadLetters } = read(result({ status: "succeeded" }), { v: "9" }, result({ status: "succeeded" }));
  expect([results.length, deadLetters.length]).toEqual([2, 1]);
});
