/**
 * Recording results: what the set-based SQL of the engine must do, row for row. Pure, so that a property test can
 * drive both with the same graphs and events.
 *
 * A batch is a set, not a sequence: every result is judged against the state before the batch, then all that apply are
 * applied, then their consequences are drawn. So the order inside a batch decides nothing, except which of two results
 * for one attempt is the first.
 *
 * Keeps I2 (a task is settled at most once), I3 (only the current attempt of a dispatched task applies), I4 (ready
 * only with all dependencies recorded; nothing recorded after cancellation), I8 (through `WorkflowDraft`).
 */
import { nextAttemptAt, type RetryPolicy } from "../retry/retry-policy.js";
import { type Dispatch, fillWindows } from "./fill-windows.js";
import type { Failure, Task } from "./task.js";
import { closeDependencies, markDelayed, markReady, settle } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

/** How an attempt ended, as its holder reports it. */
export type Outcome =
  | { readonly kind: "succeeded"; readonly output?: unknown }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly retryable: boolean;
      /** Not to be tried again sooner, in milliseconds. */
      readonly retryAfterMs?: number;
    }
  /** Treated as a retryable failure. */
  | { readonly kind: "timed-out"; readonly failure: Failure }
  /** Handed back at shutdown or after a false alarm; not charged. */
  /** Set aside: poison, or an entry nobody can read or route. */
  | { readonly kind: "dead-letter"; readonly failure: Failure };

export interface TaskResult {
  readonly workflowId: string;
  readonly position: number;
  readonly attempt: number;
  readonly outcome: Outcome;
}

/**
 * What became of a result. Only `applied` changes anything: `duplicate` is one for an attempt already settled,
 * `fenced` one whose attempt lost its right (superseded, cancelled, never granted), `unknown` one for no known task.
 */
export type ResultVerdict = "applied" | "duplicate" | "fenced" | "unknown";

export interface RecordOptions {
  /** Milliseconds since 1970; PostgreSQL's clock. */
  readonly now: number;
  /** A value in [0, 1) for the jitter of retries. */
  readonly random: () => number;
  /** Tasks each agent type's window has room for; a type not listed has none. */
  readonly freeSlotsByType: ReadonlyMap<string, number>;
}

export interface RecordedBatch {
  readonly workflows: Workflows;
  /** One per result, in the order of the batch. */
  readonly verdicts: readonly ResultVerdict[];
  /** Attempts granted by this batch. */
  readonly dispatched: readonly Dispatch[];
  /**
   * Attempts granted before to successors of duplicates. A batch comes twice when an engine died between commit and
   * publication, so these may never have been published; publishing them twice is harmless.
   */
  readonly republished: readonly Dispatch[];
}

/** Records a batch of results, advances their workflows and fills the windows. Changes nothing it is given. */
export function recordResults(
  workflows: Workflows,
  results: readonly TaskResult[],
  options: RecordOptions,
): RecordedBatch {
  const verdicts = judge(workflows, results);
  const applied = Map.groupBy(
    results.filter((_, index) => verdicts[index] === "applied"),
    (result) => result.workflowId,
  );
  const advanced = new Map(workflows);
  for (const [id, ofWorkflow] of applied) advanced.set(id, advance(workflows.get(id)!, ofWorkflow, options));
  const filled = fillWindows(advanced, options.freeSlotsByType);
  const duplicates = results.filter((_, index) => verdicts[index] === "duplicate");
  return { ...filled, verdicts, republished: dispatchedSuccessors(advanced, duplicates) };
}

function judge(workflows: Workflows, results: readonly TaskResult[]): ResultVerdict[] {
  const taken = new Set<string>();
  return results.map((result) => {
    const task = workflows.get(result.workflowId)?.tasks[result.position];
    const verdict = judgeOne(task, result.attempt);
    if (verdict !== "applied") return verdict;
    const key = `${result.workflowId}:${result.position}`;
    if (taken.has(key)) return "duplicate";
    taken.add(key);
    return "applied";
  });
}

function judgeOne(task: Task | undefined, attempt: number): ResultVerdict {
  if (task === undefined) return "unknown";
  if (task.attempt !== attempt || task.status === "cancelled") return "fenced";
  return task.status === "dispatched" ? "applied" : "duplicate";
}

function advance(workflow: Workflow, results: readonly TaskResult[], options: RecordOptions): Workflow {
  const draft = new WorkflowDraft(workflow);
  for (const { position, outcome } of results) {
    draft.put(position, afterOutcome(draft.tasks[position]!, outcome, draft.plan[position]!.retry, options));
  }
  const succeeded = results.filter(({ outcome }) => outcome.kind === "succeeded").map(({ position }) => position);
  openSuccessors(draft, succeeded);
  draft.endIfDecided();
  return draft.finish();
}

function afterOutcome(task: Task, outcome: Outcome, retry: RetryPolicy, options: RecordOptions): Task {
  switch (outcome.kind) {
    case "succeeded":
      return settle(task, { status: "succeeded", output: outcome.output });
    case "dead-letter":
      return settle(task, { status: "dead", failure: outcome.failure });
    case "timed-out":
      return afterFailure(task, outcome.failure, true, 0, retry, options);
    case "failed":
      return afterFailure(task, outcome.failure, outcome.retryable, outcome.retryAfterMs ?? 0, retry, options);
  }
}

function afterFailure(
  task: Task,
  failure: Failure,
  retryable: boolean,
  retryAfterMs: number,
  retry: RetryPolicy,
  { now, random }: RecordOptions,
): Task {
  const charged = task.charged + 1;
  if (!retryable || charged >= retry.maxAttempts) return settle(task, { status: "failed", failure });
  return markDelayed(task, nextAttemptAt(charged, now, retry, random, retryAfterMs));
}

/** Closes one dependency per edge from what succeeded, and readies every task that has none left. */
function openSuccessors(draft: WorkflowDraft, succeeded: readonly number[]): void {
  for (const position of succeeded) {
    for (const successor of draft.plan[position]!.successors) {
      const closer = closeDependencies(draft.tasks[successor]!, 1);
      draft.put(successor, closer.openDependencies === 0 ? markReady(closer) : closer);
    }
  }
}

function dispatchedSuccessors(workflows: Workflows, results: readonly TaskResult[]): Dispatch[] {
  const found = new Map<string, Dispatch>();
  for (const { workflowId, position } of results) {
    const { plan, tasks } = workflows.get(workflowId)!;
    for (const successor of plan[position]!.successors) {
      const task = tasks[successor]!;
      if (task.status !== "dispatched") continue;
      const { agentType } = plan[successor]!;
      const dispatch = { workflowId, position: successor, taskId: task.id, agentType, attempt: task.attempt };
      found.set(`${workflowId}:${successor}`, dispatch);
    }
  }
  return [...found.values()];
}
