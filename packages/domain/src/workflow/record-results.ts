/**
 * Recording results: what the set-based SQL of the engine must do, row for row. Pure, so that a property test can
 * drive both with the same graphs and events.
 *
 * A batch is a set, not a sequence: every result is judged against the state before the batch, then all that apply are
 * applied, then their consequences are drawn. So the order inside a batch decides nothing, except which of several
 * results for one attempt is the first: that one counts.
 *
 * Keeps I2 (a task is settled at most once), I3 (only the current attempt of a dispatched task applies), I4 (ready
 * only with all dependencies recorded; nothing recorded after cancellation), I8 (through `WorkflowDraft`).
 */
import { nextAttemptAt, type RetryPolicy } from "../retry/retry-policy.js";
import { type AttemptRecord, deliveryOf, endOf, type Report } from "./attempt-record.js";
import type { DeadLetter } from "./dead-letter.js";
import { type Dispatch, fillWindows, type FreeSlots } from "./fill-windows.js";
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
  /** Set aside, not charged: an entry that nobody can read. */
  | { readonly kind: "dead-letter"; readonly failure: Failure };

export interface TaskResult {
  readonly workflowId: string;
  readonly position: number;
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Whose it is; missing for a timeout that the engine found. */
  readonly report?: Report;
}

/**
 * What became of a result. Only `applied` changes a task: `duplicate` is one for an attempt already settled, or of a
 * delivery on record; `cancelled` one for a task cancelled first; `fenced` one whose attempt lost its right (superseded,
 * never granted), which the history notes; `unknown` one for no known task.
 */
export type ResultVerdict = "applied" | "duplicate" | "cancelled" | "fenced" | "unknown";

export interface RecordOptions {
  /** Milliseconds since 1970; PostgreSQL's clock. */
  readonly now: number;
  /** A value in [0, 1) for the jitter of retries. */
  readonly random: () => number;
  readonly freeSlotsByType: FreeSlots;
}

export interface RecordedResults {
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
  /** Entries that were set aside. */
  readonly deadLetters: readonly DeadLetter[];
}

/** Records a batch of results, advances their workflows and fills the windows. Changes nothing it is given. */
export function recordResults(
  workflows: Workflows,
  results: readonly TaskResult[],
  options: RecordOptions,
): RecordedResults {
  const firsts = firstOfEachAttempt(results);
  const judged = new Map(firsts.map((result) => [result, judge(workflows.get(result.workflowId), result)]));
  const having = (verdict: ResultVerdict) => firsts.filter((result) => judged.get(result) === verdict);
  const advanced = new Map(workflows);
  for (const [id, fenced] of byWorkflow(having("fenced")))
    advanced.set(id, noteFenced(advanced.get(id)!, fenced, options));
  for (const [id, applied] of byWorkflow(having("applied")))
    advanced.set(id, advance(advanced.get(id)!, applied, options));
  return {
    ...fillWindows(advanced, options.freeSlotsByType, options.now),
    verdicts: verdictsOf(results, judged),
    republished: dispatchedSuccessors(advanced, having("duplicate")),
    deadLetters: having("applied").flatMap(deadLetterOf),
  };
}

const attemptOf = ({ workflowId, position, attempt }: TaskResult): string => `${workflowId}:${position}@${attempt}`;

function firstOfEachAttempt(results: readonly TaskResult[]): TaskResult[] {
  return [...new Map(results.toReversed().map((result) => [attemptOf(result), result])).values()].toReversed();
}

/** Those after the first share its verdict, and are duplicates of one that was applied. */
function verdictsOf(results: readonly TaskResult[], judged: ReadonlyMap<TaskResult, ResultVerdict>): ResultVerdict[] {
  const verdicts = new Map([...judged].map(([first, verdict]) => [attemptOf(first), verdict]));
  return results.map((result) => {
    const verdict = verdicts.get(attemptOf(result))!;
    if (verdict === "applied") verdicts.set(attemptOf(result), "duplicate");
    return verdict;
  });
}

function judge(workflow: Workflow | undefined, { position, attempt, report }: TaskResult): ResultVerdict {
  const task = workflow?.tasks[position];
  if (workflow === undefined || task === undefined) return "unknown";
  if (task.status === "cancelled") return "cancelled";
  if (task.attempt === attempt) return task.status === "dispatched" ? "applied" : "duplicate";
  const isOnRecord = workflow.history.some(
    (line) =>
      line.position === position &&
      line.attempt === attempt &&
      line.delivery === "" &&
      report !== undefined &&
      line.incarnation === report.incarnation &&
      line.entryId === report.entryId,
  );
  return isOnRecord ? "duplicate" : "fenced";
}

function byWorkflow(results: readonly TaskResult[]): Map<string, TaskResult[]> {
  return Map.groupBy(results, (result) => result.workflowId);
}

function noteFenced(workflow: Workflow, results: readonly TaskResult[], { now }: RecordOptions): Workflow {
  const draft = new WorkflowDraft(workflow, now);
  for (const { position, attempt, report } of results) {
    const { agentId, incarnation, entryId } = report ?? {};
    const delivery = deliveryOf("fenced", { entryId, incarnation });
    draft.note({ position, attempt, delivery, outcome: "fenced", agentId, incarnation, entryId, recordedAt: now });
  }
  return draft.finish();
}

function advance(workflow: Workflow, results: readonly TaskResult[], options: RecordOptions): Workflow {
  const draft = new WorkflowDraft(workflow, options.now);
  for (const result of results) {
    const { position, outcome } = result;
    const task = draft.tasks[position]!;
    draft.note(endOf(task, position, recordOf(result, options.now)));
    draft.put(position, afterOutcome(task, outcome, draft.plan[position]!.retry, options));
  }
  const succeeded = results.filter(({ outcome }) => outcome.kind === "succeeded").map(({ position }) => position);
  openSuccessors(draft, succeeded);
  draft.endIfDecided();
  return draft.finish();
}

function recordOf(
  { outcome, report }: TaskResult,
  now: number,
): Omit<AttemptRecord, "position" | "attempt" | "delivery"> {
  const { stream: _, ...known } = report ?? {};
  const failure = outcome.kind === "succeeded" ? undefined : outcome.failure;
  return { ...known, outcome: outcome.kind, failure, recordedAt: now };
}

function afterOutcome(task: Task, outcome: Outcome, retry: RetryPolicy, options: RecordOptions): Task {
  switch (outcome.kind) {
    case "succeeded":
      return settle(task, { status: "succeeded", output: outcome.output }, options.now);
    case "dead-letter":
      return settle(task, { status: "dead", failure: outcome.failure }, options.now);
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
  if (!retryable || charged >= retry.maxAttempts) return settle(task, { status: "failed", failure }, now);
  return markDelayed(task, failure, nextAttemptAt(charged, now, retry, random, retryAfterMs));
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

function deadLetterOf({ workflowId, position, attempt, outcome, report }: TaskResult): DeadLetter[] {
  if (outcome.kind !== "dead-letter") return [];
  const { agentId = null, incarnation = null, entryId = "", stream = "" } = report ?? {};
  const task = { workflowId, position, attempt };
  return [
    { task, reason: "REJECTED", message: outcome.failure.message, stream, entryId, incarnation, agentId, fields: {} },
  ];
}
