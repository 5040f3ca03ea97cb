/**
 * How much of a group's work is in Redis at once. What is ready beyond the window stays in PostgreSQL, ordered by
 * priority and critical path, so Redis memory is bounded (I9) and a late urgent task still overtakes.
 */

/** Enough for a group that has no consumer yet to start at once when one comes. */
export const MINIMUM_WINDOW = 16;

/**
 * The window of one group, in tasks: twice its slots, so that each has its next task waiting, plus what the group
 * completes in half a second, so that a round trip through the engine never runs it dry; never below `minimum`
 * (default 16).
 */
export function windowOf(group: { slots: number; completedPerSecond: number; minimum?: number }): number {
  const { slots, completedPerSecond, minimum = MINIMUM_WINDOW } = group;
  return Math.max(minimum, Math.ceil(2 * slots + completedPerSecond / 2));
}

/** What may still be dispatched into a window; 0 when replicas have overshot it. */
export function freeOf(window: number, inFlight: number): number {
  return Math.max(0, window - inFlight);
}
