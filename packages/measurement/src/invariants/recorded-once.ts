import { nameOf, successOf, type Facts, type TaskFacts } from "../facts.js";
import type { AttemptRecord } from "../records.js";
import { at, type Findings } from "./findings.js";

/**
 * I2, recorded once. Looks at the history of every task: each attempt that was granted and is over ended once, no other
 * did; a task that succeeded has one success, by its last attempt, recorded when the task ended, and no other task has
 * any. And at every delivery: it was of one task, of its process's agent type, and entered its stream between dispatch and
 * start; so a result cannot stand under another task's name.
 */
export function judgeRecordedOnce(facts: Facts, findings: Findings): void {
  for (const task of facts.tasks) {
    judgeEnds(task, findings);
    judgeSuccess(task, findings);
  }
  for (const orphan of facts.orphans) {
    findings.check(
      false,
      () => `Attempt ${orphan.attempt} at ${place(orphan)} is on record, and there is no such task.`,
    );
  }
  judgeDeliveries(facts, findings);
}

const place = ({ workflowId, position }: AttemptRecord): string => `position ${position} of ${workflowId}`;

function judgeEnds(facts: TaskFacts, findings: Findings): void {
  const { state, attempt } = facts.task;
  const over = state === "dispatched" ? attempt - 1 : attempt;
  const times = Map.groupBy(facts.ends, (end) => end.attempt);
  for (let number = 1; number <= over; number++) {
    const count = times.get(number)?.length ?? 0;
    findings.check(count === 1, () => `${nameOf(facts)}: attempt ${number} is over, and ended ${count} times.`);
    times.delete(number);
  }
  for (const number of times.keys()) {
    findings.check(false, () => `${nameOf(facts)} has an end of attempt ${number}; ${over} were granted and are over.`);
  }
}

function judgeSuccess(facts: TaskFacts, findings: Findings): void {
  const { state, attempt, finishedAtMs } = facts.task;
  const successes = [...facts.ends, ...facts.deliveries].filter(({ outcome }) => outcome === "succeeded");
  const expected = state === "succeeded" ? 1 : 0;
  findings.check(
    successes.length === expected,
    () => `${nameOf(facts)} is ${state}, and has ${successes.length} recorded results.`,
  );
  const success = successOf(facts);
  if (state !== "succeeded" || success === undefined) return;
  findings.check(
    success.attempt === attempt && success.recordedAtMs === finishedAtMs,
    () =>
      `${nameOf(facts)} ended at ${at(finishedAtMs)} with attempt ${attempt}; ` +
      `its result is of attempt ${success.attempt}, recorded at ${at(success.recordedAtMs)}.`,
  );
}

function judgeDeliveries({ tasks, records }: Facts, findings: Findings): void {
  const owners = new Map<string, string>();
  const typeOf = new Map<string, string>();
  for (const facts of tasks) {
    for (const run of [...facts.ends, ...facts.deliveries]) {
      const { incarnation, entryId } = run;
      // What a router could not pass on is named by its place in an entry; what an engine ended has no delivery.
      if (incarnation === null || entryId === null || !isEntryId(entryId)) continue;
      const owner = `${facts.task.workflowId}:${facts.task.position}@${run.attempt}`;
      const first = claimName(owners, `${incarnation} ${entryId}`, owner);
      findings.check(first === owner, () => `${nameOf(facts)}: entry ${entryId} of ${incarnation} was of ${first}.`);
      const type = claimName(typeOf, incarnation, facts.task.agentType);
      findings.check(
        type === facts.task.agentType,
        () => `${nameOf(facts)} is for "${facts.task.agentType}", and ${incarnation} works for "${type}".`,
      );
      judgeEntryTime(facts, run, records.clockToleranceMs, findings);
    }
  }
}

const isEntryId = (id: string): boolean => /^\d+-\d+$/.test(id);

/** Who comes first has the name. */
function claimName(names: Map<string, string>, name: string, claimant: string): string {
  const first = names.get(name) ?? claimant;
  names.set(name, first);
  return first;
}

/** Redis names an entry by the millisecond in which it was added. */
function judgeEntryTime(facts: TaskFacts, run: AttemptRecord, toleranceMs: number, findings: Findings): void {
  const { entryId, dispatchedAtMs, startedAtMs } = run;
  const addedAtMs = Number.parseInt(entryId!, 10);
  findings.check(
    addedAtMs >= (dispatchedAtMs ?? -Infinity) - toleranceMs && addedAtMs <= (startedAtMs ?? Infinity) + toleranceMs,
    () =>
      `${nameOf(facts)}: attempt ${run.attempt}, dispatched at ${at(dispatchedAtMs)} and started at ${at(startedAtMs)}, ` +
      `was the entry ${entryId}, added at ${at(addedAtMs)}.`,
  );
}
