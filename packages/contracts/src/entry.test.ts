import { z } from "zod";
import { parsePayload, parseResultsEntry, parseTaskEntry, taskEntryFields, type TaskEntry } from "./entry.js";

const task: TaskEntry = {
  agentType: "backend",
  taskKey: "01a2092b-904c-7425-bfbe-6228a46c6f72:4",
  attempt: 2,
  capabilities: ["api_development", "gpu"],
  payload: '{"version":1}',
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

test.each([
  ["as it is", task],
  ["with a tracestate", { ...task, tracestate: "vendor=1" }],
  ["without capabilities", { ...task, capabilities: [] }],
])("a task comes back from its fields %s", (_, entry) => {
  expect(parseTaskEntry(taskEntryFields(entry))).toEqual({ ok: true, value: entry });
});

test.each([
  ["another version", { v: "2" }],
  ["another type", { t: "result" }],
  ["no task key", { k: "nonsense" }],
  ["an attempt that is no number", { a: "first" }],
  ["attempt 0", { a: "0" }],
  ["no trace", { tp: "" }],
])("what has %s is no task, and the reason is told", (_, change) => {
  const parsed = parseTaskEntry({ ...taskEntryFields(task), ...change });
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
    t: "result",
    k: task.taskKey,
    a: "2",
    g: "backend",
    m: "{}",
    tp: "none",
    ts: "x".repeat(600),
  };
  expect(parseResultsEntry(fields)).toMatchObject({ ok: true, value: { k: task.taskKey } });
});
