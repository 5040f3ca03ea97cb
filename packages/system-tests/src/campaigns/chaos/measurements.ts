/** What followed each fault, measured from what the hive recorded of itself. Pure: faults and records in, samples out. */
import type { Fault, FaultKind } from "./fault-kinds.js";

/** One row of the history of attempts; times in milliseconds since 1970. */
export interface RecordedRun {
  taskKey: string;
  attempt: number;
  /** "" for the end of an attempt, else the delivery that was lost. */
  delivery: string;
  incarnation: string | null;
  startedMs: number | null;
}

/** What is measured, by the kinds of faults that it follows. */
export type Measure = "running elsewhere" | "throughput back" | "first result";

/** One measured time. */
export interface Sample {
  measure: Measure;
  kind: FaultKind;
  fault: number;
  /** The task or process. */
  what: string;
  /** Null if it did not happen. */
  ms: number | null;
  /** Why it is not counted with the others. */
  apart?: string;
  /** What else went on. */
  notes: string[];
}

/** Clocks are read in whole milliseconds by those who record. */
const CLOCK_GRAIN_MS = 1;
const AGENT_FAULTS: readonly FaultKind[] = ["agent-kill", "agent-freeze"];
const SERVICE_FAULTS: readonly FaultKind[] = ["service-kill", "service-freeze"];

/** From each strike at an agent until each task that it held ran in another process. */
export function recoveries(faults: readonly Fault[], runs: readonly RecordedRun[]): Sample[] {
  const runsOf = Map.groupBy(runs, ({ taskKey }) => taskKey);
  return faults
    .filter(({ kind }) => AGENT_FAULTS.includes(kind))
    .flatMap((fault) =>
      fault.held.flatMap((held): Sample[] => {
        const own = runsOf.get(held.taskKey) ?? [];
        // Its result was on its way already: there was nothing left to recover.
        if (own.some((run) => run.delivery === "" && isRunOf(run, fault, held.attempt))) return [];
        const sinceMs = fault.at.wallMs - CLOCK_GRAIN_MS;
        const starts = own.flatMap(({ incarnation, startedMs }) =>
          incarnation !== fault.incarnation && startedMs !== null && startedMs >= sinceMs ? [startedMs] : [],
        );
        const startedMs = starts.length > 0 ? Math.min(...starts) : null;
        const ms = startedMs === null ? null : Math.max(0, startedMs - fault.at.wallMs);
        return [
          {
            measure: "running elsewhere",
            kind: fault.kind,
            fault: fault.number,
            what: held.taskKey,
            ms,
            ...(fault.freeSlots === 0 && { apart: "no slot of its group was free" }),
            notes: [`${fault.others} others with ${fault.freeSlots} free slots`, ...meanwhile(fault, ms, faults)],
          },
        ];
      }),
    );
}

const isRunOf = (run: RecordedRun, fault: Fault, attempt: number): boolean =>
  run.incarnation === fault.incarnation && run.attempt === attempt;

/** Width of the window over which a rate is taken, and the steps in which it is moved. */
const WINDOW_MS = 250;
const STEP_MS = 50;
const BEFORE_MS = 2_000;
/** A rate that does not fall within this time has not fallen because of the fault. */
const FALLS_WITHIN_MS = 1_000;
const LOOK_AHEAD_MS = 30_000;
const ENOUGH = 0.8;
/** Below so many results in a window chance alone makes it look empty. */
const FEWEST_IN_WINDOW = 10;

/**
 * From each strike at a service until results were recorded at 80 % of the rate of the two seconds before, over a whole
 * window of 250 ms; 0 if the rate never fell below.
 *
 * @param recordedMs when results were recorded, in order.
 */
export function throughputGaps(faults: readonly Fault[], recordedMs: readonly number[]): Sample[] {
  const within = (fromMs: number, toMs: number): number => firstFrom(recordedMs, toMs) - firstFrom(recordedMs, fromMs);
  return faults
    .filter(({ kind }) => SERVICE_FAULTS.includes(kind))
    .map((fault) => {
      const at = fault.at.wallMs;
      const usual = (within(at - BEFORE_MS, at) * WINDOW_MS) / BEFORE_MS;
      const isBelow = (afterMs: number): boolean => within(at + afterMs, at + afterMs + WINDOW_MS) < ENOUGH * usual;
      const fell = steps(0, FALLS_WITHIN_MS).find(isBelow);
      const back = fell === undefined ? 0 : steps(fell, LOOK_AHEAD_MS).find((afterMs) => !isBelow(afterMs));
      const ms = fell === undefined ? 0 : back === undefined ? null : back + WINDOW_MS;
      return {
        measure: "throughput back",
        kind: fault.kind,
        fault: fault.number,
        what: fault.target,
        ms,
        ...(usual < FEWEST_IN_WINDOW && { apart: "too few results to tell a rate" }),
        notes: [`${usual.toFixed(0)} results per window before`, ...meanwhile(fault, ms, faults)],
      };
    });
}

/** From the end of each fault of a store until the first result was recorded. */
export function resumptions(faults: readonly Fault[], recordedMs: readonly number[]): Sample[] {
  return faults
    .filter(({ target, endedAt }) => (target === "redis" || target === "postgres") && endedAt !== undefined)
    .map((fault) => {
      const endedMs = fault.endedAt!.wallMs;
      const next = recordedMs[firstFrom(recordedMs, endedMs)];
      const ms = next === undefined ? null : next - endedMs;
      return {
        measure: "first result",
        kind: fault.kind,
        fault: fault.number,
        what: fault.target,
        ms,
        notes: [
          `it lasted ${(fault.endedAt!.monotonicMs - fault.at.monotonicMs).toFixed(0)} ms`,
          ...meanwhile(fault, ms, faults),
        ],
      };
    });
}

/** Other faults that began while this one was being recovered from, or were not over when it struck. */
function meanwhile(fault: Fault, ms: number | null, faults: readonly Fault[]): string[] {
  const from = fault.at.monotonicMs;
  const to = (fault.endedAt?.monotonicMs ?? from) + (ms ?? LOOK_AHEAD_MS);
  return faults
    .filter((other) => other !== fault && other.at.monotonicMs <= to && (other.endedAt ?? other.at).monotonicMs >= from)
    .map(({ kind, number, target }) => `meanwhile ${kind} #${number} of ${target}`);
}

function steps(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / STEP_MS) }, (_, index) => fromMs + index * STEP_MS);
}

/** Index of the first value that is not below the limit, in values that ascend. */
function firstFrom(values: readonly number[], limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
