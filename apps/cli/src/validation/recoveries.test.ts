import type { AttemptView } from "@agent-hive/contracts";
import { percentile, recoveriesOf, type Fault } from "./recoveries.js";

const fault: Fault = {
  act: "crash",
  agentId: "qa-1",
  incarnation: "dead",
  agentType: "qa",
  taskId: "ui_tests",
  attempt: 1,
  atMs: Date.parse("2026-01-01T00:00:00.000Z"),
};
const at = (ms: number) => new Date(fault.atMs + ms).toISOString();
const attempt = (changes: Partial<AttemptView>): AttemptView => ({
  workflowId: "w",
  taskId: "ui_tests",
  attempt: 1,
  outcome: "succeeded",
  agentType: "qa",
  agentId: "qa-2",
  incarnation: "live",
  entryId: "1-0",
  error: null,
  dispatchedAt: at(-50),
  startedAt: at(120),
  finishedAt: at(220),
  runMs: 100,
  recordedAt: at(240),
  ...changes,
});

test("a fault is followed from the kill to the record, by the history and the events", () => {
  const verdicts = [{ incarnation: "dead", at: at(60) }];
  const events = [{ type: "delivery.claimed" as const, at: at(90), taskId: "ui_tests", data: { from: "dead" } }];
  expect(
    recoveriesOf([fault], [attempt({ outcome: "crashed", incarnation: "dead" }), attempt({})], verdicts, events),
  ).toEqual([{ ...fault, noticedMs: 60, claimedMs: 90, runningMs: 120, recordedMs: 240, recoveredBy: "qa-2" }]);
});

test("a task that never ran elsewhere has no recovery time, whoever else succeeded", () => {
  const [recovery] = recoveriesOf(
    [fault],
    [attempt({ taskId: "api_tests" }), attempt({ incarnation: "dead" })],
    [],
    [],
  );
  expect(recovery).toMatchObject({ runningMs: null, recordedMs: null, recoveredBy: null });
});

test.each([
  [[], 0.5, null],
  [[5], 0.99, 5],
  [[4, 1, 3, 2], 0.5, 2],
  [[4, 1, 3, 2], 1, 4],
])("of %j the percentile %p is %p", (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});
