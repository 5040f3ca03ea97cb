import type { MeasuredAttempt, MeasuredTask } from "@agent-hive/measurement";
import { isLost, type Facts } from "./facts.js";

/** A task with who finished it. */
export interface RunTask {
  task: MeasuredTask;
  /** The attempt whose result was recorded; undefined if none was. */
  success: MeasuredAttempt | undefined;
  /** Deliveries that ended with their process. */
  lost: number;
}

/** The tasks of the demonstrated workflow with what became of them. */
export function runTasks({ tasks, measurement, input }: Facts): RunTask[] {
  const own = measurement.attempts.filter(({ workflowId }) => workflowId === input.workflowId);
  const byTask = Map.groupBy(own, ({ taskId }) => taskId);
  return tasks.map((task) => {
    const attempts = byTask.get(task.taskId) ?? [];
    return {
      task,
      success: attempts.find(({ outcome }) => outcome === "succeeded"),
      lost: attempts.filter(isLost).length,
    };
  });
}

/** How long an attempt ran, in milliseconds; null if that is not on record. */
export function runMs({ startedAtMs, finishedAtMs }: MeasuredAttempt): number | null {
  return startedAtMs === null || finishedAtMs === null ? null : Math.max(0, finishedAtMs - startedAtMs);
}
