import { historyOf, nameOf, successOf, type Facts, type TaskFacts } from "../facts.js";
import { at, type Findings } from "./findings.js";

/**
 * I4, order. Looks at every task that was dispatched, against each of its dependencies (or, without any, the creation of
 * its workflow): dispatched, started and recorded after it was recorded. At every start: not before its dispatch. And at
 * everything that has ended: nothing of it was dispatched or recorded later. When a holder hears of a cancellation is not
 * on record; so a start in between, which is allowed, is not looked at.
 */
export function judgeInOrder(facts: Facts, findings: Findings): void {
  const { clockToleranceMs } = facts.records;
  for (const task of facts.tasks) {
    if (task.task.attempt > 0) judgeAfterDependencies(task, clockToleranceMs, findings);
    judgeStarts(task, clockToleranceMs, findings);
    judgeNothingAfterEnd(task, findings);
  }
}

interface Moments {
  dispatchedAtMs: number | null;
  startedAtMs: number | null;
  recordedAtMs: number | null;
}

/** The earliest of each kind. */
function firstMoments(facts: TaskFacts): Moments {
  const history = historyOf(facts);
  const { state, dispatchedAtMs } = facts.task;
  const latest = state === "dispatched" ? [dispatchedAtMs] : [];
  return {
    dispatchedAtMs: earliest([...history.map((run) => run.dispatchedAtMs), ...latest]),
    startedAtMs: earliest(history.map((run) => run.startedAtMs)),
    recordedAtMs: earliest(facts.ends.map((end) => end.recordedAtMs)),
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce((first, time) => (time !== null && (first === null || time < first) ? time : first), null);
}

function judgeAfterDependencies(facts: TaskFacts, toleranceMs: number, findings: Findings): void {
  const moments = firstMoments(facts);
  for (const dependency of facts.dependencies) {
    const recordedAtMs = successOf(dependency)?.recordedAtMs ?? null;
    const what = `its dependency "${dependency.task.taskId}" was recorded, at ${at(recordedAtMs)}`;
    judgeAfter(facts, moments, recordedAtMs ?? Infinity, toleranceMs, what, findings);
  }
  if (facts.dependencies.length > 0 || facts.workflow === undefined) return;
  const { createdAtMs } = facts.workflow;
  judgeAfter(facts, moments, createdAtMs, toleranceMs, `its workflow was created, at ${at(createdAtMs)}`, findings);
}

function judgeAfter(
  facts: TaskFacts,
  { dispatchedAtMs, startedAtMs, recordedAtMs }: Moments,
  earliestMs: number,
  toleranceMs: number,
  what: string,
  findings: Findings,
): void {
  const wrong =
    isBefore(dispatchedAtMs, earliestMs, `was dispatched at ${at(dispatchedAtMs)}`) ??
    isBefore(startedAtMs, earliestMs - toleranceMs, `started at ${at(startedAtMs)}`) ??
    isBefore(recordedAtMs, earliestMs, `was recorded at ${at(recordedAtMs)}`);
  findings.check(wrong === undefined, () => `${nameOf(facts)} ${wrong}, before ${what}.`);
}

const isBefore = (moment: number | null, earliestMs: number, sentence: string): string | undefined =>
  moment !== null && moment < earliestMs ? sentence : undefined;

function judgeStarts(facts: TaskFacts, toleranceMs: number, findings: Findings): void {
  for (const { attempt, dispatchedAtMs, startedAtMs } of historyOf(facts)) {
    if (dispatchedAtMs === null || startedAtMs === null) continue;
    findings.check(
      startedAtMs >= dispatchedAtMs - toleranceMs,
      () =>
        `${nameOf(facts)}: attempt ${attempt} started at ${at(startedAtMs)}, before its dispatch at ${at(dispatchedAtMs)}.`,
    );
  }
}

/** The cancellation of a task is recorded with it; what a workflow's end cancels ends with the workflow. */
function judgeNothingAfterEnd(facts: TaskFacts, findings: Findings): void {
  const { task, workflow } = facts;
  const endedAtMs = Math.min(workflow?.finishedAtMs ?? Infinity, endOfTask(task));
  if (endedAtMs === Infinity) return;
  const how = task.state === "cancelled" ? "its cancellation" : "its end";
  for (const { outcome, recordedAtMs } of facts.ends) {
    findings.check(
      recordedAtMs <= endedAtMs,
      () => `${nameOf(facts)}: "${outcome}" was recorded at ${at(recordedAtMs)}, after ${how} at ${at(endedAtMs)}.`,
    );
  }
  findings.check(
    (task.dispatchedAtMs ?? -Infinity) <= endedAtMs,
    () => `${nameOf(facts)} was dispatched at ${at(task.dispatchedAtMs)}, after ${how} at ${at(endedAtMs)}.`,
  );
}

/** A task that was set aside may be granted another attempt later, which is no contradiction to its history. */
const endOfTask = ({ state, finishedAtMs }: TaskFacts["task"]): number =>
  state === "cancelled" || state === "succeeded" ? (finishedAtMs ?? Infinity) : Infinity;
