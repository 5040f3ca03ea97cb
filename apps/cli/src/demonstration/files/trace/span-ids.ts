/** Ids of spans are made of what they are of: the same run gives the same ids, and other files can name a span. */
import { createHash } from "node:crypto";
import type { MeasuredTask, MeasuredWorkflow, Measurement } from "@agent-hive/measurement";

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const hexOf = (digits: number, parts: readonly (string | number | null)[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, digits);

/** The trace of a workflow: its own; made of its id where it has none, since an id of zeros is not valid. */
export function traceIdOf({ id, traceId }: MeasuredWorkflow): string {
  return /^0+$/.test(traceId) ? hexOf(TRACE_DIGITS, ["workflow", id]) : traceId;
}

export function spanIdOfWorkflow(workflowId: string): string {
  return hexOf(SPAN_DIGITS, ["workflow", workflowId]);
}

export function spanIdOfTask(workflowId: string, taskId: string): string {
  return hexOf(SPAN_DIGITS, ["task", workflowId, taskId]);
}

/** @param parts what tells one delivery from all others. */
export function spanIdOfDelivery(...parts: (string | number | null)[]): string {
  return hexOf(SPAN_DIGITS, ["delivery", ...parts]);
}

/** When a task's span begins: when it was ready, at the latest when its first attempt was; null if it never was. */
export function taskBeginsAtMs({ readyAtMs }: MeasuredTask, attempts: Measurement["attempts"]): number | null {
  const begun = attempts.map(({ dispatchedAtMs, startedAtMs, recordedAtMs }) =>
    Math.min(dispatchedAtMs ?? recordedAtMs, startedAtMs ?? recordedAtMs),
  );
  const first = Math.min(readyAtMs ?? Infinity, ...begun);
  return first === Infinity ? null : first;
}

/** Which spans the trace file has. */
export interface KnownSpans {
  /** @returns null if the task has none: it is not measured, or was never ready. */
  ofTask(workflowId: string, taskId: string): { traceId: string; spanId: string } | null;
}

/** Finds spans of the trace file that is made of the same measurement. */
export function knownSpans({ workflows, tasks, attempts }: Measurement): KnownSpans {
  const traces = new Map(workflows.map((workflow) => [workflow.id, traceIdOf(workflow)]));
  const keyOf = (workflowId: string, taskId: string): string => `${workflowId}:${taskId}`;
  const byTask = Map.groupBy(attempts, ({ workflowId, taskId }) => keyOf(workflowId, taskId));
  const begun = tasks.filter(
    (task) => taskBeginsAtMs(task, byTask.get(keyOf(task.workflowId, task.taskId)) ?? []) !== null,
  );
  const known = new Set(begun.map(({ workflowId, taskId }) => keyOf(workflowId, taskId)));
  return {
    ofTask: (workflowId, taskId) => {
      const traceId = traces.get(workflowId);
      return traceId === undefined || !known.has(keyOf(workflowId, taskId))
        ? null
        : { traceId, spanId: spanIdOfTask(workflowId, taskId) };
    },
  };
}
