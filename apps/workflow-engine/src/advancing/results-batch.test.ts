import { resultItemJson, type Outcome, type StreamEntry } from "@agent-hive/contracts";
import { resultOf } from "../test-fixtures/fake-agents.js";
import { readBatch, splitEntry } from "./results-batch.js";

const workflowId = "01a20922-1fa8-70c4-9ed9-4d9278452d8e";
const tp = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const reader = { stream: "workflow:results", incarnation: "e.1", agentId: "e" };
const envelope = { v: "1", k: `${workflowId}:2`, a: "3", g: "backend", tp };
/** JSON of the result of the task at a position, changed in its payload as a test wants. */
const item = (outcome: Outcome, { position = 2, ...more }: Record<string, unknown> & { position?: number } = {}) => {
  const run = { entryId: "5-0", startedAtMs: 1 };
  const payload = JSON.stringify({ ...resultOf({ taskId: "t" }, outcome, run), ...more });
  return resultItemJson({
    taskKey: `${workflowId}:${position}`,
    attempt: 3,
    payload,
    traceparent: tp,
  });
};
const entryOf = (...items: string[]) => ({
  v: "1",
  t: "results",
  g: "backend",
  i: "a.1",
  n: "a",
  m: `[${items.join(",")}]`,
});
const result = (outcome: Outcome, more: Record<string, unknown> = {}) => entryOf(item(outcome, more));
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
      incarnation: "a.1",
      agentId: "a",
      entryId: "5-0",
      startedAtMs: 1,
      finishedAtMs: 2,
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

test.each([
  ["no type", { v: "1" }, null],
  ["another version", { ...result({ status: "succeeded" }), v: "2" }, null],
  ["no JSON", { ...entryOf(), m: "{" }, null],
  ["no list", { ...entryOf(), m: "{}" }, null],
  ["results that nobody reports", { v: "1", t: "results", m: "[]" }, null],
  ["a checkpoint that is none", { ...envelope, t: "checkpoint", m: "{" }, null],
])("%s becomes a dead letter that keeps the entry as it was", (_what, fields, task) => {
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

const endedAttempt = expect.objectContaining({ workflowId, position: 2, attempt: 3, agentType: "backend" });

test.each([
  ["no object", "null", null],
  ["a time that is none", item({ status: "succeeded" }, { runMs: -1 }), endedAttempt],
  ["an outcome that is none", item({ status: "done" } as never), endedAttempt],
])(
  "of an entry one result of which is %s the others count; that one is a dead letter, and ends its attempt",
  (_what, bad, task) => {
    const [first, last] = [0, 1].map((position) => item({ status: "succeeded" }, { position }));
    const { results, deadLetters } = read(entryOf(first!, bad, last!));
    expect(results.map(({ position }) => position)).toEqual([0, 1]);
    expect(deadLetters).toMatchObject([
      { reason: "UNPARSEABLE", entryId: "0-0/1", fields: { t: "results", m: `[${bad}]` }, task },
    ]);
  },
);

test("an entry is split into entries of one result each, which are named as their dead letters are", () => {
  const items = [item({ status: "succeeded" }), "null"];
  const pieces = splitEntry({ id: "4-0", fields: entryOf(...items) });
  expect(pieces).toEqual(items.map((each, place) => ({ id: `4-0/${place}`, fields: entryOf(each) })));
  expect(pieces.flatMap(splitEntry)).toEqual(pieces);
  expect(readBatch(pieces, reader).deadLetters).toMatchObject([{ entryId: "4-0/1" }]);
});

test("an entry that carries no results is not split", () => {
  const entry = { id: "4-0", fields: { v: "9" } };
  expect(splitEntry(entry)).toEqual([entry]);
});

test("one bad entry leaves the others alone", () => {
  const { results, deadLetters } = read(result({ status: "succeeded" }), { v: "9" }, result({ status: "succeeded" }));
  expect([results.length, deadLetters.length]).toEqual([2, 1]);
});
