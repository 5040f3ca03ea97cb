/** What one call changed, for whoever has to be told: told by what was before and what is after. */
import type { TaskStatus } from "./task.js";
import type { Workflows, WorkflowStatus } from "./workflow.js";

/** A task that moved to another state than `succeeded` or one on its way to running. */
export interface TaskChange {
  readonly workflowId: string;
  readonly position: number;
  readonly taskId: string;
  readonly agentType: string;
  readonly attempt: number;
  readonly state: Extract<TaskStatus, "delayed" | "failed" | "cancelled" | "dead">;
  /** When a delayed task is due; null for others. */
  readonly dueAt: number | null;
  /** It was dispatched before: its message may be somewhere, its holder should be told. */
  readonly wasDispatched: boolean;
}

export interface Changes {
  readonly changes: readonly TaskChange[];
  /** Workflows that ended. */
  readonly finished: readonly { readonly id: string; readonly state: Exclude<WorkflowStatus, "running"> }[];
}

export function changesBetween(before: Workflows, after: Workflows): Changes {
  const touched = [...after.values()].filter(
    (workflow) => before.has(workflow.id) && before.get(workflow.id) !== workflow,
  );
  return {
    changes: touched.flatMap(({ id, plan, tasks }) =>
      tasks.flatMap((task, position): TaskChange[] => {
        const earlier = before.get(id)!.tasks[position]!.status;
        if (task.status === earlier || !isTold(task.status)) return [];
        const dueAt = task.status === "delayed" ? task.dueAt : null;
        const { agentType } = plan[position]!;
        const wasDispatched = earlier === "dispatched";
        return [
          {
            workflowId: id,
            position,
            taskId: task.id,
            agentType,
            attempt: task.attempt,
            state: task.status,
            dueAt,
            wasDispatched,
          },
        ];
      }),
    ),
    finished: touched.flatMap(({ id, status }) =>
      status === "running" || before.get(id)!.status !== "running" ? [] : [{ id, state: status }],
    ),
  };
}

function isTold(status: TaskStatus): status is TaskChange["state"] {
  return status === "delayed" || status === "failed" || status === "cancelled" || status === "dead";
}
