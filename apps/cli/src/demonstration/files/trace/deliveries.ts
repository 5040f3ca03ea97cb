import type { MeasuredAttempt, Recovery } from "@agent-hive/measurement";
import { spanIdOfDelivery } from "./span-ids.js";

/** One line of a task's history, with what it has to do with the lines before. */
export interface Delivery {
  attempt: MeasuredAttempt;
  spanId: string;
  beginsAtMs: number;
  /** The lost delivery in whose place it came; undefined of most. */
  replaces: Delivery | undefined;
  /** What followed when its process was struck; undefined if that did not happen. */
  recovery: Recovery | undefined;
}

/** The outcomes of deliveries that went with their process. */
const LOST: readonly MeasuredAttempt["outcome"][] = ["crashed", "frozen", "lost"];

export const isLost = ({ outcome }: MeasuredAttempt): boolean => LOST.includes(outcome);

/**
 * Puts the history of one task in order.
 *
 * @param attempts of one task alone.
 * @param recoveries of the same task.
 */
export function deliveriesOf(attempts: readonly MeasuredAttempt[], recoveries: readonly Recovery[]): Delivery[] {
  const deliveries: Delivery[] = [];
  const seen = new Map<string, number>();
  let latest: Delivery | undefined;
  for (const attempt of attempts.toSorted(byTime)) {
    const isLate = attempt.outcome === "fenced";
    const replaces = latest && isLost(latest.attempt) && !isLate ? latest : undefined;
    const delivery: Delivery = {
      attempt,
      spanId: spanIdOf(attempt, seen),
      beginsAtMs: Math.min(beginOf(attempt, replaces), attempt.recordedAtMs),
      replaces,
      recovery: recoveries.find((recovery) => isLost(attempt) && isOf(recovery, attempt)),
    };
    deliveries.push(delivery);
    // A late result is news of a delivery that was lost before, and replaces nothing.
    if (!isLate) latest = delivery;
  }
  return deliveries;
}

const byTime = (one: MeasuredAttempt, other: MeasuredAttempt): number =>
  one.attempt - other.attempt || timeOf(one) - timeOf(other) || one.recordedAtMs - other.recordedAtMs;

const timeOf = ({ startedAtMs, recordedAtMs }: MeasuredAttempt): number => startedAtMs ?? recordedAtMs;

const isOf = (recovery: Recovery, { attempt, incarnation }: MeasuredAttempt): boolean =>
  recovery.attempt === attempt && recovery.incarnation === incarnation;

/** Its entry, process and outcome name a delivery; a number tells apart what the records do not. */
function spanIdOf(attempt: MeasuredAttempt, seen: Map<string, number>): string {
  const { workflowId, taskId, outcome, incarnation, entryId } = attempt;
  const parts = [workflowId, taskId, attempt.attempt, outcome, incarnation, entryId];
  const key = JSON.stringify(parts);
  const number = (seen.get(key) ?? 0) + 1;
  seen.set(key, number);
  return spanIdOfDelivery(...parts, number);
}

/**
 * When it was dispatched. What was claimed was not dispatched again: it has the dispatch of the delivery that was lost, and
 * begins with its claim, or with its start if nobody told of the claim.
 */
function beginOf(
  { dispatchedAtMs, startedAtMs, recordedAtMs }: MeasuredAttempt,
  replaces: Delivery | undefined,
): number {
  const wasDispatched = dispatchedAtMs !== null && dispatchedAtMs > (replaces?.attempt.dispatchedAtMs ?? -Infinity);
  if (wasDispatched) return Math.min(dispatchedAtMs, startedAtMs ?? dispatchedAtMs);
  const startMs = startedAtMs ?? recordedAtMs;
  const recovery = replaces?.recovery;
  const claimedMs = recovery?.claimedMs ?? null;
  return recovery === undefined || claimedMs === null ? startMs : Math.min(recovery.atMs + claimedMs, startMs);
}
