import type { Recovery } from "@agent-hive/measurement";
import fc from "fast-check";
import { demonstration } from "../test-fixtures/demonstration.js";
import { factsOf } from "./facts.js";
import { DRAWN_RECOVERIES, partsOf, recoveryBarsOf, spreadsOf } from "./recovery-times.js";

const template = demonstration().measurement.recoveries[0]!;
const recovery = (times: Partial<Recovery>): Recovery => ({ ...template, ...times });
const time = fc.option(fc.nat(5000));

test.each([
  ["all are known", { noticedMs: 40, claimedMs: 55, runningMs: 60, recordedMs: 200 }, [40, 15, 5, 140]],
  ["the claim was not heard of", { noticedMs: 40, claimedMs: null, runningMs: 60, recordedMs: 200 }, [40, 0, 20, 140]],
  [
    "the claim was heard of too late",
    { noticedMs: 40, claimedMs: 90, runningMs: 60, recordedMs: 200 },
    [40, 20, 0, 140],
  ],
  ["it never ran", { noticedMs: 40, claimedMs: null, runningMs: null, recordedMs: null }, [40, 0, 0, 0]],
])("parts of a recovery when %s", (_, times, parts) => {
  expect(partsOf(recovery(times))).toEqual(parts);
});

test("parts are never negative, and end where the task ran elsewhere and was recorded", () => {
  fc.assert(
    fc.property(time, time, time, fc.nat(5000), (noticedMs, claimedMs, runningMs, later) => {
      const recordedMs = runningMs === null ? null : runningMs + later;
      const parts = partsOf(recovery({ noticedMs, claimedMs, runningMs, recordedMs }));
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
      if (runningMs !== null) {
        expect(parts[0] + parts[1] + parts[2]).toBe(runningMs);
        expect(parts[3]).toBe(later);
      }
    }),
  );
});

test("kills and freezes are spread apart, each with the targets of its kind", () => {
  const spreads = spreadsOf(factsOf(demonstration()));
  expect(spreads.map(({ kind, dots }) => [kind, dots.length])).toEqual([
    ["crash", 4],
    ["freeze", 1],
  ]);
  expect(spreads[0]!.references.map(({ label }) => label)).toEqual(["aim 100 ms", "aim 500 ms", "floor 30 s"]);
  expect(spreads[1]!.references.map(({ value }) => value)).toEqual([2000, 30_000]);
});

test("of many recoveries the slowest are shown in parts, and those that never ended before any other", () => {
  const input = demonstration();
  input.measurement.recoveries = Array.from({ length: 100 }, (_, index) =>
    recovery({ taskId: `task-${index}`, runningMs: index === 3 ? null : 100 + index, recordedMs: null }),
  );
  const names = recoveryBarsOf(factsOf(input)).map(({ name }) => name);
  expect(names).toHaveLength(DRAWN_RECOVERIES);
  expect(names).toContainEqual(expect.stringMatching(/task-3$/));
  expect(names).not.toContainEqual(expect.stringMatching(/task-70$/));
});
