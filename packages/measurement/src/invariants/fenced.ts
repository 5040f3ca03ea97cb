import { nameOf, type Facts, type TaskFacts } from "../facts.js";
import type { AttemptRecord } from "../records.js";
import { at, type Findings } from "./findings.js";

/**
 * I3, fenced. Looks at the end of every attempt: it was granted before, and the next one not before it. And at every
 * delivery that was refused, or lost with its process: it is of an attempt that was superseded, or it did not succeed.
 */
export function judgeFenced(facts: Facts, findings: Findings): void {
  for (const task of facts.tasks) {
    for (const end of task.ends) judgeEnd(task, end, findings);
    for (const delivery of task.deliveries) judgeDelivery(task, delivery, findings);
  }
}

function judgeEnd(facts: TaskFacts, end: AttemptRecord, findings: Findings): void {
  const { attempt, dispatchedAtMs, recordedAtMs } = end;
  findings.check(
    dispatchedAtMs === null || dispatchedAtMs <= recordedAtMs,
    () =>
      `${nameOf(facts)}: attempt ${attempt} was applied at ${at(recordedAtMs)}, before it was granted, ` +
      `at ${at(dispatchedAtMs)}.`,
  );
  const next = grantedAtMs(facts, attempt + 1);
  if (next === null) return;
  findings.check(
    recordedAtMs <= next,
    () =>
      `${nameOf(facts)}: attempt ${attempt} was applied at ${at(recordedAtMs)}, after attempt ${attempt + 1} ` +
      `was granted, at ${at(next)}.`,
  );
}

function grantedAtMs({ task, ends }: TaskFacts, attempt: number): number | null {
  if (attempt === task.attempt) return task.dispatchedAtMs;
  return ends.find((end) => end.attempt === attempt)?.dispatchedAtMs ?? null;
}

function judgeDelivery(facts: TaskFacts, delivery: AttemptRecord, findings: Findings): void {
  const { attempt, outcome, incarnation, entryId } = delivery;
  const applied = facts.ends.some(
    (end) =>
      end.outcome === "succeeded" &&
      end.attempt === attempt &&
      end.incarnation === incarnation &&
      end.entryId === entryId,
  );
  findings.check(!applied, () => `${nameOf(facts)}: attempt ${attempt} of ${incarnation} was ${outcome}, and applied.`);
  if (outcome !== "fenced") return;
  findings.check(
    attempt < facts.task.attempt,
    () => `${nameOf(facts)}: attempt ${attempt} was refused, and no later one had been granted.`,
  );
}
