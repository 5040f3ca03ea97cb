import type { AttemptView, HiveEvent, Verdict } from "@agent-hive/contracts";

/** A fault that bit: a process was killed or frozen while it held a task. Times are milliseconds since 1970. */
export interface Fault {
  act: "crash" | "freeze";
  agentId: string;
  incarnation: string;
  agentType: string;
  taskId: string;
  attempt: number;
  atMs: number;
}

/** What became of the task that the process held, in milliseconds from the fault itself; null where it is not known. */
export interface Recovery extends Fault {
  /** Until the coordinator gave its verdict. */
  noticedMs: number | null;
  /** Until another process claimed the entry. */
  claimedMs: number | null;
  /** Until the task ran elsewhere. */
  runningMs: number | null;
  /** Until its result was recorded. */
  recordedMs: number | null;
  recoveredBy: string | null;
}

/**
 * Follows every fault to its recovery. That the task ran elsewhere and was recorded is read from the recorded history;
 * the steps in between from the coordinator's verdicts and from events.
 */
export function recoveriesOf(
  faults: Fault[],
  attempts: AttemptView[],
  verdicts: Pick<Verdict, "incarnation" | "at">[],
  events: HiveEvent[],
): Recovery[] {
  return faults.map((fault) => {
    const since = (time: string | null | undefined): number | null =>
      time ? Math.max(0, Date.parse(time) - fault.atMs) : null;
    const elsewhere = attempts.find(
      ({ taskId, outcome, incarnation }) =>
        taskId === fault.taskId && outcome === "succeeded" && incarnation !== fault.incarnation,
    );
    const verdict = verdicts.find(({ incarnation }) => incarnation === fault.incarnation);
    const claim = events.find(
      ({ type, taskId, data }) =>
        type === "delivery.claimed" && taskId === fault.taskId && data?.["from"] === fault.incarnation,
    );
    return {
      ...fault,
      noticedMs: since(verdict?.at),
      claimedMs: since(claim?.at),
      runningMs: since(elsewhere?.startedAt),
      recordedMs: since(elsewhere?.recordedAt),
      recoveredBy: elsewhere?.agentId ?? null,
    };
  });
}

/** The smallest value that at least the given share of the values does not exceed (nearest rank); null of none. */
export function percentile(values: number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
