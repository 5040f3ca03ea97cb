/**
 * Deliveries that were lost with their process. Each is noted once, however often it is heard of; a crash is charged to
 * its task while that lives, and three with nothing running beside it set the task aside (see poison.ts).
 */
import { chargeCrash, MAX_CRASHES_ALONE } from "../poison/poison.js";
import { deliveryOf, endOf } from "./attempt-record.js";
import type { DeadLetter } from "./dead-letter.js";
import { isTerminal } from "./task.js";
import { settle } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

export interface LostDelivery {
  readonly workflowId: string;
  readonly position: number;
  readonly attempt: number;
  readonly entryId: string;
  /** Where the entry is. */
  readonly stream: string;
  /** Who held it. */
  readonly incarnation: string;
  /** It was the only task in its process. */
  readonly alone: boolean;
  /** The process crashed with it, rather than fell silent. Only crashes are charged. */
  readonly charged: boolean;
  /** By the holder's clock, for display only; null if not known. */
  readonly startedAt: number | null;
}

const POISON = {
  code: "POISON",
  message: "Its process crashed each time it ran, with nothing else running.",
};

/** Notes lost deliveries and draws the consequences. Those of unknown tasks are ignored. */
export function recordCrashes(
  workflows: Workflows,
  deliveries: readonly LostDelivery[],
  now: number,
): { workflows: Workflows; deadLetters: DeadLetter[] } {
  const next = new Map(workflows);
  const deadLetters: DeadLetter[] = [];
  for (const [id, ofWorkflow] of Map.groupBy(deliveries, ({ workflowId }) => workflowId)) {
    const workflow = workflows.get(id);
    if (workflow === undefined) continue;
    const charged = chargeCrashes(workflow, ofWorkflow, now);
    next.set(id, charged.workflow);
    deadLetters.push(...charged.deadLetters);
  }
  return { workflows: next, deadLetters };
}

function chargeCrashes(
  workflow: Workflow,
  deliveries: readonly LostDelivery[],
  now: number,
): { workflow: Workflow; deadLetters: DeadLetter[] } {
  const draft = new WorkflowDraft(workflow, now);
  // Of several crashes of one task it is the last that names the entry.
  const charged = new Map<number, LostDelivery>();
  for (const delivery of deliveries) {
    const { position, alone } = delivery;
    const task = draft.tasks[position];
    if (task === undefined || !noteLost(draft, delivery) || !delivery.charged || isTerminal(task.status)) continue;
    draft.put(position, { ...task, ...chargeCrash(task, { started: true, alone }) });
    charged.set(position, delivery);
  }
  const poisonous = [...charged.values()].filter((delivery) => setAsideIfPoison(draft, delivery));
  if (poisonous.length > 0) draft.endIfDecided();
  return { workflow: draft.finish(), deadLetters: poisonous.map((delivery) => deadLetterOf(draft, delivery)) };
}

function noteLost(draft: WorkflowDraft, delivery: LostDelivery): boolean {
  const { position, attempt, incarnation, entryId, charged, startedAt } = delivery;
  const task = draft.tasks[position]!;
  const outcome = charged ? "crashed" : "frozen";
  return draft.note({
    position,
    attempt,
    delivery: deliveryOf(outcome, delivery),
    outcome,
    dispatchedAt: task.attempt === attempt ? task.dispatchedAt : null,
    startedAt: startedAt ?? undefined,
    recordedAt: draft.now,
    incarnation,
    entryId,
  });
}

function setAsideIfPoison(draft: WorkflowDraft, { position, incarnation, entryId }: LostDelivery): boolean {
  const { now } = draft;
  const task = draft.tasks[position]!;
  if (task.crashesAlone < MAX_CRASHES_ALONE || task.status !== "dispatched") return false;
  const end = { incarnation, entryId, failure: POISON, finishedAt: now, recordedAt: now };
  draft.note(endOf(task, position, { outcome: "dead-letter", ...end }));
  draft.put(position, settle(task, { status: "dead", failure: POISON }, now));
  return true;
}

function deadLetterOf(draft: WorkflowDraft, delivery: LostDelivery): DeadLetter {
  const { workflowId, position, stream, entryId, incarnation } = delivery;
  const task = { workflowId, position, attempt: draft.tasks[position]!.attempt };
  return {
    task,
    reason: POISON.code,
    message: POISON.message,
    stream,
    entryId,
    incarnation,
    agentId: null,
    fields: {},
  };
}
