/** Progress of running attempts: the newest is kept, if it is of the attempt that is dispatched (I3). */
import type { Checkpoint, Task } from "./task.js";
import type { Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

export interface TaskCheckpoint extends Checkpoint {
  readonly workflowId: string;
  readonly position: number;
}

/** Keeps what is newer than what is kept, in any order. */
export function recordCheckpoints(
  workflows: Workflows,
  checkpoints: readonly TaskCheckpoint[],
  now: number,
): Workflows {
  const next = new Map(workflows);
  for (const [id, ofWorkflow] of Map.groupBy(checkpoints, ({ workflowId }) => workflowId)) {
    const workflow = workflows.get(id);
    if (workflow === undefined) continue;
    const draft = new WorkflowDraft(workflow, now);
    for (const { position, attempt, sequence, data } of ofWorkflow) {
      const task = draft.tasks[position];
      if (task && isNews(task, { attempt, sequence }))
        draft.put(position, { ...task, checkpoint: { attempt, sequence, data } });
    }
    next.set(id, draft.finish());
  }
  return next;
}

function isNews(task: Task, { attempt, sequence }: Omit<Checkpoint, "data">): boolean {
  if (task.status !== "dispatched" || task.attempt !== attempt) return false;
  const kept = task.checkpoint;
  return kept === null || kept.attempt < attempt || (kept.attempt === attempt && kept.sequence < sequence);
}
