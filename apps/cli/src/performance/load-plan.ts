/** Which load is offered when: pure rules. */
import type { LoadStep } from "./performance.js";

/** A dispatch, a delivery and a result. */
export const MESSAGES_PER_TASK = 3;

/** Of the floor; below it there is little to learn. */
const FIRST_STEP = 0.25;
/** From step to step: twice as much up to the floor, then finer, to find the limit. */
const GROWTH_TO_FLOOR = 2;
const GROWTH_BEYOND = 1.25;
const MOST_STEPS = 16;
/** The engine may refuse, and the driver wait: then less is accepted than was offered. */
const ACCEPTED_FROM = 0.95;
/** Workflows that may be open at the end of a step, in seconds of the load: what is under way, and no queue. */
const OPEN_SECONDS = 1;
/** Of the highest step that was held: each kill takes an agent away until it has started again, and what piles up costs more. */
const COMFORTABLE = 0.55;
/** A little more than must go through, so that the edges of the window do not decide. */
const ABOVE_FLOOR = 1.05;

/**
 * The load to offer next, in messages a second; undefined when the hive did not keep up twice in a row, or the steps are
 * used up. A step that was not held is tried once more: a vacuum or a checkpoint at that moment is not the limit.
 *
 * @param floor that must be reached, in messages a second.
 */
export function nextStep(steps: readonly LoadStep[], floor: number): number | undefined {
  const last = steps.at(-1);
  if (last === undefined) return floor * FIRST_STEP;
  if (steps.length >= MOST_STEPS) return undefined;
  if (!last.held) return steps.at(-2)?.offered === last.offered ? undefined : last.offered;
  if (last.offered < floor) return Math.min(floor, last.offered * GROWTH_TO_FLOOR);
  return last.offered * GROWTH_BEYOND;
}

/**
 * Whether the hive kept up with a step: it took what was offered, and no more waits at the end than is always under way.
 *
 * @param offered workflows a second.
 * @param accepted workflows in all.
 * @param open workflows that had not ended at the end.
 */
export function keptUp(offered: number, seconds: number, accepted: number, open: number): boolean {
  return accepted >= ACCEPTED_FROM * offered * seconds && open <= OPEN_SECONDS * offered;
}

/**
 * The load that is offered for minutes, in messages a second: as much as is comfortable, and enough to reach the floor if
 * the steps have shown that it can be reached.
 */
export function sustainedLoad(steps: readonly LoadStep[], floor: number): number {
  const best = Math.max(0, ...steps.filter(({ held }) => held).map(({ offered }) => offered));
  if (best === 0) return floor * FIRST_STEP;
  return Math.max(best * COMFORTABLE, best >= floor ? floor * ABOVE_FLOOR : 0);
}
