import type { HiveEvent, HiveEventType } from "@agent-hive/contracts";
import type { Advance, RecordVerdict, ResultRow, TaskChange } from "@agent-hive/persistence";

/** What onlookers are told of a transaction: every task that moved, every result that changed nothing, every end. */
export function eventsOf(
  advance: Advance,
  at: string,
  recorded: { results: readonly ResultRow[]; verdicts: readonly RecordVerdict[] } = { results: [], verdicts: [] },
): HiveEvent[] {
  return [
    ...recorded.results.flatMap((result, index) => resultEvents(result, recorded.verdicts[index], at)),
    ...advance.changes.map((change): HiveEvent => ({
      type: CHANGES[change.state],
      at,
      ...subjectOf(change),
      ...dueOf(change),
    })),
    ...advance.dispatched.map((task): HiveEvent => ({ type: "task.dispatched", at, ...subjectOf(task) })),
    ...advance.finished.map((workflow): HiveEvent => ({
      type: `workflow.${workflow.state}`,
      at,
      workflowId: workflow.id,
    })),
  ];
}

const CHANGES = {
  delayed: "task.retrying",
  failed: "task.failed",
  cancelled: "task.cancelled",
  dead: "task.dead",
} as const satisfies Record<TaskChange["state"], HiveEventType>;

function resultEvents(result: ResultRow, verdict: RecordVerdict | undefined, at: string): HiveEvent[] {
  const type = resultEventType(result, verdict);
  if (type === undefined) return [];
  const { agentId, incarnation, runMs } = result;
  return [{ type, at, ...subjectOf(result), agentId, incarnation, data: { runMs } }];
}

/** What did not succeed tells of itself as a change of its task. */
function resultEventType(result: ResultRow, verdict: RecordVerdict | undefined): HiveEventType | undefined {
  switch (verdict) {
    case "applied":
      return result.outcome.status === "succeeded" ? "task.succeeded" : undefined;
    case "duplicate":
      return "task.duplicate";
    case "fenced":
    case "cancelled":
    case "unknown":
      return "task.fenced";
    case undefined:
      return undefined;
  }
}

interface Subject {
  workflowId: string;
  position: number;
  agentType: string;
  attempt: number;
  taskId?: string;
}

function subjectOf({ workflowId, position, agentType, attempt, taskId }: Subject): Partial<HiveEvent> {
  return {
    workflowId,
    position,
    agentType,
    // A task that never ran has no attempt to speak of.
    ...(attempt > 0 ? { attempt } : {}),
    ...(taskId === undefined ? {} : { taskId }),
  };
}

const dueOf = ({ dueAt }: TaskChange): Partial<HiveEvent> =>
  dueAt === null ? {} : { data: { dueAt: dueAt.toISOString() } };
