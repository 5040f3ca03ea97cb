import { newTraceparent, spanIdOf, taskSpanId, traceIdOf, workflowSpanId } from "@agent-hive/telemetry";
import type { AttemptRecord, TaskRecord, WorkflowRecord } from "@agent-hive/persistence";
import { attemptSpan, taskSpan, workflowSpan } from "./workflow-spans.js";

const ID = "01a20922-1fa8-70c4-9ed9-4d9278452d8e";
const FAILURE = JSON.stringify({ code: "FAULT", message: "It broke." });
const groupOf = (agentType: string) => ({ stream: `agent_messages:${agentType}`, group: `${agentType}_engineers` });

const workflow = (more: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
  id: ID,
  name: "w",
  state: "succeeded",
  traceparent: newTraceparent(),
  total: 4,
  startedMs: 100,
  endedMs: 900,
  error: null,
  ...more,
});
const attempt = (more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  workflowId: ID,
  position: 3,
  attempt: 1,
  outcome: "succeeded",
  dispatchedMs: 200,
  startedMs: 250,
  finishedMs: 300,
  recordedMs: 310,
  agentId: "backend-1",
  incarnation: "i-1",
  entryId: "200-0",
  error: null,
  ...more,
});
const task = (more: Partial<TaskRecord> = {}): TaskRecord => ({
  workflowId: ID,
  position: 3,
  taskId: "join",
  agentType: "backend",
  handler: "h",
  state: "succeeded",
  attempt: 1,
  error: null,
  startedMs: 200,
  endedMs: 310,
  dependsOn: [1, 2],
  ...more,
});

test("a workflow's span is below its request, a task's below its workflow and linked to what it waited for", () => {
  const record = workflow();
  const traceId = traceIdOf(record.traceparent);
  const whole = workflowSpan(record);
  expect(whole).toMatchObject({ name: "workflow w", startMs: 100, endMs: 900 });
  expect(whole.parentSpanId).toBe(spanIdOf(record.traceparent));
  expect(spanIdOf(whole.context)).toBe(workflowSpanId(traceId, ID));
  const span = taskSpan(record, task({ attempt: 2 }));
  expect(span).toMatchObject({ name: "task join", parentSpanId: spanIdOf(whole.context), startMs: 200, endMs: 310 });
  expect(spanIdOf(span.context)).toBe(taskSpanId(traceId, `${ID}:3`));
  expect(span.attributes).toMatchObject({ "hive.attempt": 2, "hive.outcome": "succeeded" });
  expect(span.links!.map(({ spanId }) => spanId)).toEqual([1, 2].map((at) => taskSpanId(traceId, `${ID}:${at}`)));
});

test("what failed says so, by the code of its error", () => {
  expect(workflowSpan(workflow({ state: "failed", error: FAILURE })).error).toEqual({
    type: "FAULT",
    message: "It broke.",
  });
  expect(workflowSpan(workflow({ state: "failed" })).error).toEqual({ type: "failed", message: "failed" });
  expect(taskSpan(workflow(), task({ state: "dead", error: FAILURE })).error).toEqual({
    type: "FAULT",
    message: "It broke.",
  });
});

test("of a workflow that was not sampled the attempts are written, too, all of them sampled and without a request", () => {
  const record = workflow({ traceparent: newTraceparent(false), state: "failed", error: FAILURE });
  const lost = attempt({ outcome: "crashed", incarnation: "i-0", agentId: null, startedMs: null, finishedMs: null });
  const timedOut = attempt({ outcome: "timed-out", entryId: null, incarnation: null });
  const attempts = [lost, attempt(), timedOut].flatMap((each) => attemptSpan(record, task(), each, groupOf) ?? []);
  const spans = [workflowSpan(record), taskSpan(record, task()), ...attempts];
  expect(spans.map(({ name }) => name)).toEqual([
    "workflow w",
    "task join",
    "process agent_messages:backend",
    "process agent_messages:backend",
  ]);
  expect(spans.every(({ context }) => context.endsWith("-01"))).toBe(true);
  expect(spans[0]!.parentSpanId).toBeUndefined();
  expect(spans[2]).toMatchObject({
    startMs: 200,
    endMs: 310,
    error: { type: "crashed" },
    parentSpanId: spanIdOf(spans[1]!.context),
  });
  expect(spans[3]!.error).toBeUndefined();
  expect(spans[3]!.attributes).toMatchObject({ "hive.reconstructed": true, "messaging.client.id": "backend-1" });
});
