import { planRandomActs, type PlannedAct } from "./random-acts.js";

function plan(seed: number, count: number): PlannedAct[] {
  const acts = planRandomActs(seed, 60, ["crash", "freeze"]);
  return Array.from({ length: count }, () => acts.next().value);
}

test("the same seed plans the same acts, another seed others", () => {
  expect(plan(1, 50)).toEqual(plan(1, 50));
  expect(plan(2, 50)).not.toEqual(plan(1, 50));
});

test("acts come at the asked rate on average, of every asked kind, against everyone", () => {
  const acts = plan(42, 10_000);
  const meanMs = acts.reduce((sum, { afterMs }) => sum + afterMs, 0) / acts.length;

  expect(meanMs).toBeGreaterThan(950);
  expect(meanMs).toBeLessThan(1_050);
  expect(acts.filter(({ act }) => act === "crash").length / acts.length).toBeCloseTo(0.5, 1);
  for (const quarter of [0, 1, 2, 3]) {
    const inQuarter = acts.filter(({ target }) => Math.floor(target * 4) === quarter);
    expect(inQuarter.length / acts.length).toBeCloseTo(0.25, 1);
  }
});

test.each([0, -1, Number.NaN])("a rate of %d is refused", (rate) => {
  expect(() => planRandomActs(1, rate, ["crash"]).next()).toThrow(RangeError);
});
