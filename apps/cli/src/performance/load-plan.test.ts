import fc from "fast-check";
import { keptUp, nextStep, sustainedLoad } from "./load-plan.js";
import type { LoadStep } from "./performance.js";

const FLOOR = 10_000;

/** The steps that are taken against a hive that lets so many messages through. */
function stepsUpTo(capacity: number): LoadStep[] {
  const steps: LoadStep[] = [];
  for (let offered = nextStep([], FLOOR); offered !== undefined; offered = nextStep(steps, FLOOR)) {
    const piledUp = (Math.max(0, offered - capacity) * 8) / 33;
    const accepted = (offered * 8) / 33;
    const held = keptUp(offered / 33, 8, accepted, piledUp);
    steps.push({ offered, measured: Math.min(offered, capacity), seconds: 8, accepted, open: piledUp, held });
  }
  return steps;
}

test("the load doubles to the floor, which is a step itself, and grows more slowly beyond it", () => {
  const offered = stepsUpTo(16_000).map((step) => step.offered);
  expect(offered).toEqual([2_500, 5_000, 10_000, 12_500, 15_625, 19_531.25, 19_531.25]);
});

test("a step that is held when it is tried again is followed by the next", () => {
  const [first, second] = stepsUpTo(16_000) as [LoadStep, LoadStep];
  const again = [first, { ...second, held: false }, second];
  expect(nextStep(again.slice(0, 2), FLOOR)).toBe(5_000);
  expect(nextStep(again, FLOOR)).toBe(10_000);
});

test("the last steps are two of the same load that are not held, or the steps are used up", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (capacity) => {
      const steps = stepsUpTo(capacity);
      expect(steps.length).toBeLessThanOrEqual(16);
      expect(steps.slice(0, -2).every(({ held }) => held)).toBe(true);
      if (steps.length < 16) expect(steps.slice(-2).map(({ held }) => held)).toEqual([false, false]);
      else expect(capacity).toBeGreaterThan(100_000);
    }),
  );
});

test("what is offered for minutes leaves room, and is more than the floor where the floor was held", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2_600, max: 1_000_000 }), (capacity) => {
      const steps = stepsUpTo(capacity);
      const best = Math.max(...steps.filter(({ held }) => held).map(({ offered }) => offered));
      const load = sustainedLoad(steps, FLOOR);
      expect(load).toBeLessThan(best * 1.06);
      if (best >= FLOOR) expect(load).toBeGreaterThan(FLOOR);
      else expect(load).toBeLessThan(best);
    }),
  );
  expect(sustainedLoad([], FLOOR)).toBe(2_500);
});

test("a hive that refuses work, or in which it piles up, does not keep up", () => {
  expect(keptUp(100, 8, 800, 100)).toBe(true);
  expect(keptUp(100, 8, 800, 101)).toBe(false);
  expect(keptUp(100, 8, 750, 0)).toBe(false);
});
