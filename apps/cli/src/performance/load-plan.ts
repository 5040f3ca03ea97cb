/** Which load is offered when: pure rules. */
import type { LoadStep } from "./performance.js";

/** A dispatch, a delivery and a result. */
export const MESSAGES_PER_TASK = 3;

/** Of the floor; below it there is little to learn. */
const FIRST_STEP = 0.25;
/** From step to step: twice as much up to the floor, then finer, to find the limit. */
const GROWTH_TO_FLOOR = 2;
const GROWTH_BEYOND = 1.25;
const MOST_STEPS = 14;
/** What goes through in a step varies by the batches at its edges. */
const KEEPS_UP_FROM = 0.95;
/** Workflows that may be open at the end of a step, in seconds of the load: what is under way, and no queue. */
const OPEN_SECONDS = 1;
/** Of the highest step that was held: kills take agents away for as long as they need to start. */
const COMFORTABLE = 0.75;
/** A little more than must go through, so that the edges of the window do not decide. */
const ABOVE_FLOOR = 1.1;

/**
 * The load to offer next, in messages a second; undefined when the hive no longer kept up, or the steps are used up.
 *
 * @param floor that must be reached, in messages a second.
 */
export function nextStep(steps: readonly LoadStep[], floor: number): number | undefined {
  const last = steps.at(-1);
  if (last === undefined) return floor * FIRST_STEP;
  if (!last.held || steps.length >= MOST_STEPS) return undefined;
  if (last.offered < floor) return Math.min(floor, last.offered * GROWTH_TO_FLOOR);
  return last.offered * GROWTH_BEYOND;
}

/** Whether the hive kept up with a step. @param workflows that were offered each second. */
export function keptUp({ offered, measured, open }: Omit<LoadStep, "held">, workflows: number): boolean {
  return measured >= KEEPS_UP_FROM * offered && open <= OPEN_SECONDS * workflows;
}

/**
 * The load that is offered for minutes, in messages a second: as much as is comfortable, and enough to reach the floor if
 * the steps have shown that it can be reached.
 */
export function sustainedLoad(steps: readonly LoadStep[], floor: number): number {
  const best = Math.max(0, ...steps.filter(({ held }) => held).map(({ offered }) => offered));
  const comfortable = Math.max(best * COMFORTABLE, Math.min(best, floor * ABOVE_FLOOR));
  return comfortable > 0 ? comfortable : floor * FIRST_STEP;
}
