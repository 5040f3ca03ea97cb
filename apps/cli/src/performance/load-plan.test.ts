import fc from "fast-check";
import { keptUp, nextStep, sustainedLoad } from "./load-plan.js";
import type { LoadStep } from "./performance.js";

const FLOOR = 10_000;

/** The steps that are taken against a hive that lets so many messages through. */
function stepsUpTo(capacity: number): LoadStep[] {
  const steps: LoadStep[] = [];
  for (let offered = nextStep([], FLOOR); offered !== undefined; offered = nextStep(steps, FLOOR)) {
    const measured = Math.min(offered, capacity);
    steps.push({
      offered,
      measured,
      seconds: 8,
      open: 0,
      held: keptUp({ offered, measured, seconds: 8, open: 0 }, offered / 33),
    });
  }
  return steps;
}

test("the load doubles to the floor, which is a step itself, and grows more slowly beyond it", () => {
  const offered = stepsUpTo(16_000).map((step) => step.offered);
  expect(offered).toEqual([2_500, 5_000, 10_000, 12_500, 15_625, 19_531.25]);
});

test("the last step is the first that is not held, or the steps are used up", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (capacity) => {
      const steps = stepsUpTo(capacity);
      expect(steps.length).toBeLessThanOrEqual(14);
      expect(steps.slice(0, -1).every(({ held }) => held)).toBe(true);
      if (steps.length < 14) expect(steps.at(-1)!.held).toBe(false);
    }),
  );
});

test("what is offered for minutes was held in a step, and is more than the floor where that was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2_600, max: 1_000_000 }), (capacity) => {
      const steps = stepsUpTo(capacity);
      const best = Math.max(...steps.filter(({ held }) => held).map(({ offered }) => offered));
      const load = sustainedLoad(steps, FLOOR);
      expect(load).toBeLessThanOrEqual(best);
      if (best > FLOOR) expect(load).toBeGreaterThan(FLOOR);
    }),
  );
  expect(sustainedLoad([], FLOOR)).toBe(2_500);
});

test("a hive that lets everything through but piles up workflows does not keep up", () => {
  const step = { offered: 3_300, measured: 3_300, seconds: 8 };
  expect(keptUp({ ...step, open: 100 }, 100)).toBe(true);
  expect(keptUp({ ...step, open: 101 }, 100)).toBe(false);
  expect(keptUp({ ...step, measured: 3_000, open: 0 }, 100)).toBe(false);
});
