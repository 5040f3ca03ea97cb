/** All that the database of a hive holds, as one value: what the functions of this folder take and return changed. */
import { type DeadLetter, type KeptDeadLetter, keepDeadLetters, recordDeadLetters } from "./dead-letter.js";
import type { Dispatch } from "./fill-windows.js";
import { type LostDelivery, recordCrashes } from "./record-crashes.js";
import { recordCheckpoints, type TaskCheckpoint } from "./record-checkpoints.js";
import { type RecordOptions, recordResults, type ResultVerdict, type TaskResult } from "./record-results.js";
import type { Submission } from "./submit.js";
import type { TaskCounters, Workflows, WorkflowStatus } from "./workflow.js";

export interface Hive {
  readonly workflows: Workflows;
  readonly deadLetters: readonly KeptDeadLetter[];
  /** By idempotency key. */
  readonly submissions: ReadonlyMap<string, Submission>;
  /** What was dispatched before was lost with the Redis of then. */
  readonly epochBegan: number;
}

export const EMPTY_HIVE: Hive = { workflows: new Map(), deadLetters: [], submissions: new Map(), epochBegan: 0 };

/** What one read of the results stream held. */
export interface Batch {
  readonly results?: readonly TaskResult[];
  readonly crashes?: readonly LostDelivery[];
  readonly checkpoints?: readonly TaskCheckpoint[];
  readonly deadLetters?: readonly DeadLetter[];
}

export interface RecordedBatch {
  readonly hive: Hive;
  /** One per result. */
  readonly verdicts: readonly ResultVerdict[];
  readonly dispatched: readonly Dispatch[];
  readonly republished: readonly Dispatch[];
}

/**
 * Records all that agents reported. Checkpoints, crashes and dead letters count before results, so that nothing is
 * dispatched and then cancelled by the same call.
 */
export function recordBatch(hive: Hive, batch: Batch, options: RecordOptions): RecordedBatch {
  const { results = [], crashes = [], checkpoints = [], deadLetters = [] } = batch;
  const { now } = options;
  const crashed = recordCrashes(recordCheckpoints(hive.workflows, checkpoints, now), crashes, now);
  const aside = recordDeadLetters(crashed.workflows, deadLetters, now);
  const { workflows, verdicts, dispatched, republished, ...recorded } = recordResults(
    aside.workflows,
    results,
    options,
  );
  const letters = [...crashed.deadLetters, ...aside.deadLetters, ...recorded.deadLetters];
  return {
    hive: { ...hive, workflows, deadLetters: keepDeadLetters(hive.deadLetters, letters, now) },
    verdicts,
    dispatched,
    republished,
  };
}

/** Counts over everything. */
export interface Statistics {
  readonly workflows: Readonly<Record<WorkflowStatus, number>>;
  readonly tasks: TaskCounters;
  /** Lines of history, by outcome. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  /** Ready tasks by agent type. */
  readonly backlog: Readonly<Record<string, number>>;
}

export function statisticsOf({ workflows, deadLetters }: Hive): Statistics {
  const byStatus = { running: 0, succeeded: 0, failed: 0, cancelled: 0 };
  const tasks = { total: 0, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: 0 };
  const attempts: Record<string, number> = {};
  const backlog: Record<string, number> = {};
  const count = (counts: Record<string, number>, name: string): void => void (counts[name] = (counts[name] ?? 0) + 1);
  for (const workflow of workflows.values()) {
    count(byStatus, workflow.status);
    for (const name of Object.keys(tasks) as (keyof TaskCounters)[]) tasks[name] += workflow.counters[name];
    for (const { outcome } of workflow.history) count(attempts, outcome);
    workflow.tasks.forEach(({ status }, position) => {
      if (status === "ready") count(backlog, workflow.plan[position]!.agentType);
    });
  }
  return { workflows: byStatus, tasks, attempts, deadLetters: deadLetters.length, backlog };
}
