import type { TaskFacts, WorkflowFacts } from "./facts.js";

/**
 * The chain of dependencies that decided when a workflow ended, by the times that were recorded: from the task that ended
 * last back to one without dependencies, always by the dependency that was recorded last. Empty while the workflow runs,
 * and if it was cancelled: then no task decided.
 */
export function criticalTasks({ workflow, tasks }: WorkflowFacts): Set<TaskFacts> {
  const chain = new Set<TaskFacts>();
  if (workflow.state !== "succeeded" && workflow.state !== "failed") return chain;
  // A task is never met twice in a graph without cycles; records may lie.
  for (let next = lastEnded(tasks); next !== undefined && !chain.has(next); next = lastEnded(next.dependencies)) {
    chain.add(next);
  }
  return chain;
}

function lastEnded(tasks: readonly TaskFacts[]): TaskFacts | undefined {
  let last: TaskFacts | undefined;
  for (const facts of tasks) {
    const { state, finishedAtMs } = facts.task;
    if (finishedAtMs === null || state === "cancelled") continue;
    if (last === undefined || finishedAtMs > (last.task.finishedAtMs ?? 0)) last = facts;
  }
  return last;
}
