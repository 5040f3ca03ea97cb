/** Entries set aside because nobody could process them: each once, however often it is heard of. */
import { endOf } from "./attempt-record.js";
import { settle } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

export interface DeadLetter {
  /** The attempt that it was to start; null if it names no task that exists. */
  readonly task: { readonly workflowId: string; readonly position: number; readonly attempt: number } | null;
  readonly reason: string;
  readonly message: string;
  readonly stream: string;
  readonly entryId: string;
  readonly incarnation: string | null;
  readonly agentId: string | null;
  readonly fields: Readonly<Record<string, string>>;
}

export interface KeptDeadLetter extends DeadLetter {
  readonly createdAt: number;
}

/** Adds those whose entries are not there yet. */
export function keepDeadLetters(
  kept: readonly KeptDeadLetter[],
  letters: readonly DeadLetter[],
  now: number,
): readonly KeptDeadLetter[] {
  if (letters.length === 0) return kept;
  const all = new Map(kept.map((letter) => [entryOf(letter), letter]));
  for (const letter of letters) {
    if (!all.has(entryOf(letter))) all.set(entryOf(letter), { ...letter, createdAt: now });
  }
  return [...all.values()];
}

const entryOf = ({ stream, entryId }: DeadLetter): string => JSON.stringify([stream, entryId]);

/**
 * Sets aside the tasks that such entries were to run, if these are dispatched at the same attempt; it fails their
 * workflows. Of several letters for one attempt the first is the reason.
 */
export function recordDeadLetters(
  workflows: Workflows,
  letters: readonly DeadLetter[],
  now: number,
): { workflows: Workflows; deadLetters: DeadLetter[] } {
  const next = new Map(workflows);
  const named = letters.filter(({ task }) => task !== null);
  for (const [id, ofWorkflow] of Map.groupBy(named, ({ task }) => task!.workflowId)) {
    const workflow = workflows.get(id);
    if (workflow !== undefined) next.set(id, setAside(workflow, ofWorkflow, now));
  }
  const deadLetters = letters.map((letter) => {
    const isKnown = letter.task !== null && workflows.get(letter.task.workflowId)?.tasks[letter.task.position];
    return isKnown ? letter : { ...letter, task: null };
  });
  return { workflows: next, deadLetters };
}

function setAside(workflow: Workflow, letters: readonly DeadLetter[], now: number): Workflow {
  const draft = new WorkflowDraft(workflow, now);
  for (const { task: named, reason, message, entryId, incarnation, agentId } of letters) {
    const { position, attempt } = named!;
    const task = draft.tasks[position];
    if (task?.status !== "dispatched" || task.attempt !== attempt) continue;
    const failure = { code: reason, message };
    const who = { entryId, incarnation: incarnation ?? undefined, agentId: agentId ?? undefined };
    draft.note(endOf(task, position, { outcome: "dead-letter", ...who, failure, finishedAt: now, recordedAt: now }));
    draft.put(position, settle(task, { status: "dead", failure }, now));
  }
  if (workflow.status === "running") draft.endIfDecided();
  return draft.finish();
}
