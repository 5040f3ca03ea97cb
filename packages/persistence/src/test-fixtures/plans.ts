import { randomBytes } from "node:crypto";
import type { PlannedTask, PlannedWorkflow, RecordedOutcome, ResultRow, TaskAttempt } from "../types.js";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** Room for everything, for the agent types that plans use by default. */
export const PLENTY = { a: 1000, b: 1000 };

const RETRY = { maxAttempts: 3, initialDelayMs: 0, factor: 2, maxDelayMs: 60_000 };

let workflows = 0;

/** Ids that grow, as those of version 7 do. */
function newWorkflowId(): string {
  const count = (workflows++).toString(16).padStart(8, "0");
  return `01990000-${count.slice(0, 4)}-7${count.slice(4, 7)}-8${count.slice(7)}00-${randomBytes(6).toString("hex")}`;
}

/** What a case says of a task; dependencies by position. */
export type TaskSketch = Partial<Omit<PlannedTask, "successors">>;

/** A workflow of tasks `t0`, `t1`, …, of agent type `a` unless said otherwise. */
export function planOf(tasks: TaskSketch[], workflow: Partial<Omit<PlannedWorkflow, "tasks">> = {}): PlannedWorkflow {
  const successorsOf = (position: number): number[] =>
    tasks.flatMap(({ dependsOn = [] }, successor) => (dependsOn.includes(position) ? [successor] : []));
  return {
    id: newWorkflowId(),
    name: "test",
    priority: 5,
    input: null,
    traceparent: TRACEPARENT,
    ...workflow,
    tasks: tasks.map((task, position) => ({
      taskId: `t${position}`,
      agentType: "a",
      handler: "noop",
      requires: [],
      input: null,
      dependsOn: [],
      remainingPath: tasks.length - position,
      timeoutMs: 60_000,
      retry: RETRY,
      ...task,
      successors: successorsOf(position),
    })),
  };
}

/** Two parents and their join: t0, t1 → t2. */
export const joinPlan = (): PlannedWorkflow => planOf([{}, {}, { dependsOn: [0, 1] }]);

let entries = 0;

/** A result for a dispatched task: a success, unless said otherwise. */
export function resultFor(
  task: TaskAttempt,
  outcome: RecordedOutcome = success(),
  row: Partial<ResultRow> = {},
): ResultRow {
  const { workflowId, position, agentType, attempt } = task;
  return {
    workflowId,
    position,
    agentType,
    attempt,
    outcome,
    agentId: "agent-1",
    incarnation: "incarnation-1",
    entryId: `${++entries}-0`,
    startedAtMs: 1_790_000_000_000,
    finishedAtMs: 1_790_000_000_005,
    runMs: 5,
    ...row,
  };
}

export const success = (output: string | null = '{"ok":true}'): RecordedOutcome => ({ status: "succeeded", output });

export const failure = (retryable = true, more: { retryAfterMs?: number } = {}): RecordedOutcome => ({
  status: "failed",
  error: { code: "boom", message: "it went wrong" },
  retryable,
  ...more,
});
