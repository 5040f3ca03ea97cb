import type { Facts } from "./facts.js";
import { historyOf } from "./facts.js";
import type { AttemptRecord, RunRecords, RunTotals } from "./records.js";
import { countsAt, type Span } from "./spans.js";

/** A longer run is told in longer steps. */
const MOST_STEPS = 1_000;

/** How a window is divided: into steps of a second, or of whole seconds if it is long; the last may be shorter. */
export function stepsOf({ fromMs, toMs }: RunRecords["window"]): { stepMs: number; ends: number[] } {
  const stepMs = 1000 * Math.max(1, Math.ceil((toMs - fromMs) / 1000 / MOST_STEPS));
  const count = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  return { stepMs, ends: Array.from({ length: count }, (_, step) => Math.min(toMs, fromMs + (step + 1) * stepMs)) };
}

/** Counts everything, where everything was read. What happens at the end of a step belongs to it. */
export function totalsOf(facts: Facts): RunTotals {
  const { window, workflows, tasks, attempts } = facts.records;
  const { stepMs, ends } = stepsOf(window);
  const perStep = (moments: readonly number[]): number[] => {
    const counts = new Array<number>(ends.length).fill(0);
    for (const atMs of moments) {
      const step = Math.ceil((atMs - window.fromMs) / stepMs) - 1;
      if (step >= 0 && atMs <= window.toMs) counts[step]!++;
    }
    return counts;
  };
  const dispatches = dispatchesOf(facts);
  const dispatched = perStep(dispatches.map(({ fromMs }) => fromMs));
  const results = perStep(attempts.filter(({ incarnation }) => incarnation !== null).map(recordedAt));
  const succeeded = perStep(attempts.filter(isSuccess).map(recordedAt));
  const inFlight = countsAt(dispatches, ends);
  const running = countsAt(runsOf(facts), ends);
  const living = countsAt(livesOf(facts), ends);
  return {
    workflows: workflows.length,
    tasks: tasks.length,
    ended: workflows.filter(({ state }) => state !== "running").length,
    endedWithin: workflows.filter(
      ({ finishedAtMs: atMs }) => atMs !== null && atMs > window.fromMs && atMs <= window.toMs,
    ).length,
    succeeded: workflows.filter(({ state }) => state === "succeeded").length,
    stepMs,
    steps: ends.map((_, step) => ({
      dispatched: dispatched[step]!,
      results: results[step]!,
      succeeded: succeeded[step]!,
      inFlight: inFlight[step]!,
      running: running[step]!,
      workflows: living[step]!,
    })),
  };
}

const recordedAt = ({ recordedAtMs }: AttemptRecord): number => recordedAtMs;

const isSuccess = ({ delivery, outcome }: AttemptRecord): boolean => delivery === "" && outcome === "succeeded";

/** Every attempt that was dispatched, until it was recorded. */
export function dispatchesOf({ tasks }: Pick<Facts, "tasks">): (Span & { agentType: string })[] {
  return tasks.flatMap(({ task, ends }) => {
    const { agentType, state, dispatchedAtMs } = task;
    const over = ends.flatMap(({ dispatchedAtMs: fromMs, recordedAtMs: toMs }) =>
      fromMs === null ? [] : [{ fromMs, toMs, agentType }],
    );
    const isUnderWay = state === "dispatched" && dispatchedAtMs !== null;
    return isUnderWay ? [...over, { fromMs: dispatchedAtMs, toMs: Infinity, agentType }] : over;
  });
}

/** Every start, until it ended; one that was lost with its process ran until that was recorded, as far as anybody knew. */
export function runsOf({ tasks }: Pick<Facts, "tasks">): Span[] {
  return tasks
    .flatMap(historyOf)
    .flatMap(({ startedAtMs, finishedAtMs, recordedAtMs }) =>
      startedAtMs === null ? [] : [{ fromMs: startedAtMs, toMs: finishedAtMs ?? recordedAtMs }],
    );
}

/** Every workflow, from its creation to its end. */
export function livesOf({ records }: Pick<Facts, "records">): Span[] {
  return records.workflows.map(({ createdAtMs, finishedAtMs }) => ({
    fromMs: createdAtMs,
    toMs: finishedAtMs ?? Infinity,
  }));
}
