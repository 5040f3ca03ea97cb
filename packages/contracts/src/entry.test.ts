import { z } from "zod";
import {
  parseItems,
  parsePayload,
  parseResultItem,
  parseResultKey,
  parseResultsEntry,
  parseTaskEntry,
  parseTaskItem,
  parseTasksEntry,
  resultsEntryFields,
  taskEntryFields,
  tasksEntryFields,
  type ResultEnvelope,
  type TaskEntry,
} from "./entry.js";
import type { ResultPayload } from "./messages.js";

const workflowId = "01a2092b-904c-7425-bfbe-6228a46c6f72";
const task: TaskEntry = {
  agentType: "backend",
  taskKey: `${workflowId}:4`,
  attempt: 2,
  capabilities: ["api_development", "gpu"],
  payload: '{"version":1}',
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

test.each([
  ["as it is", task],
  ["with a tracestate", { ...task, tracestate: "vendor=1" }],
])("a task comes back from its fields %s, but for the capabilities that only a router needs", (_, entry) => {
  const { capabilities: _needed, ...envelope } = entry;
  expect(parseTaskEntry(taskEntryFields(entry))).toEqual({ ok: true, value: envelope });
});

test("tasks come back from the entry that carries them, in their order, with payloads as they were", () => {
  const tasks = [
    task,
    { ...task, attempt: 3, tracestate: "vendor=1", payload: '{"quote":"\\"","line":"\\n"}' },
    { ...task, agentType: "qa", capabilities: [] },
  ];
  const items = parseTasksEntry(tasksEntryFields(tasks));
  expect(items.ok && items.value.map(parseTaskItem)).toEqual(tasks.map((value) => ({ ok: true, value })));
});

test("results come back from the entry that carries them, their payloads read", () => {
  const payload: ResultPayload = {
    taskId: "t",
    outcome: { status: "succeeded", output: { text: 'a "quote", and ] }' } },
    entryId: "5-0",
    startedAtMs: 1,
    runMs: 1,
  };
  const reporter = { agentType: "backend", incarnation: "backend-1.x", agentId: "backend-1" };
  const { taskKey, attempt, traceparent } = task;
  const result: ResultEnvelope = {
    taskKey,
    attempt,
    traceparent,
    payload: JSON.stringify(payload),
  };
  const entry = parseResultsEntry(resultsEntryFields([result, { ...result, tracestate: "vendor=1" }], reporter));
  expect(entry).toMatchObject({ ok: true, value: { g: "backend", i: "backend-1.x", n: "backend-1" } });
  const items = entry.ok && entry.value.t === "results" ? parseItems(entry.value.m) : undefined;
  const item = { k: taskKey, a: 2, tp: traceparent, m: payload };
  expect(items?.ok && items.value.map(parseResultItem)).toEqual([
    { ok: true, value: item },
    { ok: true, value: { ...item, ts: "vendor=1" } },
  ]);
});

test.each([
  ["another version", { v: "2" }],
  ["another type", { t: "results" }],
  ["no task key", { k: "nonsense" }],
  ["an attempt that is no number", { a: "first" }],
  ["attempt 0", { a: "0" }],
  ["no trace", { tp: "" }],
])("what has %s is no task, and the reason is told", (_, change) => {
  const parsed = parseTaskEntry({ ...taskEntryFields(task), ...change });
  expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(/\S/) });
});

test.each([
  ["another version", { v: "2" }],
  ["another type", { t: "task" }],
  ["a payload that is no JSON", { m: "[" }],
  ["a payload that is no list", { m: "{}" }],
])("what has %s carries no tasks, and the reason is told", (_, change) => {
  const parsed = parseTasksEntry({ ...tasksEntryFields([task]), ...change });
  expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(/\S/) });
});

test("a crash says who died over which entry, and whether the task is charged", () => {
  const fields = {
    v: "1",
    t: "crash",
    k: task.taskKey,
    a: "2",
    g: "backend",
    e: "5-0",
    d: "backend-1.x",
    al: "1",
    ch: "0",
    st: "",
  };
  expect(parseResultsEntry(fields)).toMatchObject({
    ok: true,
    value: { e: "5-0", d: "backend-1.x", al: true, ch: false },
  });
});

test("a dead letter is read whatever its envelope says of a task", () => {
  const fields = { v: "1", t: "dead-letter", k: "nonsense", a: "x", m: "{}", tp: "nonsense" };
  expect(parseResultsEntry(fields)).toMatchObject({
    ok: true,
    value: { t: "dead-letter", k: undefined, a: undefined },
  });
});

test("a payload that could not be written again is refused", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}"]\\"["${"]".repeat(depth)}`;
  expect(parsePayload(z.unknown(), nested(1000))).toMatchObject({ ok: true });
  expect(parsePayload(z.unknown(), nested(1001))).toMatchObject({
    ok: false,
    reason: expect.stringContaining("deeper"),
  });
  expect(parsePayload(z.unknown(), JSON.stringify("[".repeat(100_000)))).toMatchObject({ ok: true });
});

test("what comes back without a trace that can be read comes back all the same", () => {
  const fields = {
    v: "1",
    t: "checkpoint",
    k: task.taskKey,
    a: "2",
    g: "backend",
    m: "{}",
    tp: "none",
    ts: "x".repeat(600),
  };
  expect(parseResultsEntry(fields)).toMatchObject({ ok: true, value: { k: task.taskKey } });
  const item = { k: task.taskKey, a: 2, tp: "none" };
  expect(parseResultKey(item)).toEqual({ ok: true, value: { k: task.taskKey, a: 2 } });
});
