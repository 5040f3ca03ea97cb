import { newTraceparent } from "@agent-hive/telemetry";
import { TraceSampling, sampler } from "./trace-sampling.js";

const decisions = (ratio: number, most: number, count = 10_000): number =>
  Array.from({ length: count }, sampler({ ratio, most })).filter(Boolean).length;

test("all, none, or about the share that was asked for", () => {
  expect(decisions(1, Infinity)).toBe(10_000);
  expect(decisions(0, Infinity)).toBe(0);
  expect(decisions(0.1, Infinity)).toBeGreaterThan(700);
  expect(decisions(0.1, Infinity)).toBeLessThan(1_300);
});

test("never more than there is room for", () => {
  expect(decisions(1, 7.9)).toBe(7);
  expect(decisions(0.5, 3)).toBe(3);
  expect(decisions(1, 0.5)).toBe(0);
});

test("what a second brings may be sampled at once, and what was taken comes back with time", () => {
  let now = 0;
  const settings = { HIVE_TRACE_RATIO: 1, HIVE_TRACES_PER_SECOND: 10 };
  const sampling = new TraceSampling(
    settings,
    () => true,
    () => now,
  );
  expect(sampling.room().most).toBe(10);
  sampling.sampled(Array.from({ length: 12 }, () => newTraceparent()));
  expect(sampling.room().most).toBe(0);
  now = 500;
  expect(sampling.room().most).toBe(3);
  now = 10_000;
  expect(sampling.room().most).toBe(10);
  sampling.sampled([newTraceparent(false)]);
  expect(sampling.room().most).toBe(10);
});

test("a process that writes no spans samples nothing", () => {
  const settings = { HIVE_TRACE_RATIO: 1, HIVE_TRACES_PER_SECOND: 10 };
  expect(new TraceSampling(settings, () => false).room()).toEqual({ ratio: 0, most: 0 });
});
