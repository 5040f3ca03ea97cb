import fc from "fast-check";
import { DEFAULT_RETRY_POLICY, nextAttemptAt, type RetryPolicy } from "./retry-policy.js";

const exact: RetryPolicy = { ...DEFAULT_RETRY_POLICY, jitter: "none" };
const noChance = () => {
  throw new Error("no jitter was asked for");
};

test.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [7, 32_000],
  [8, 60_000],
  [5_000, 60_000],
])("after failure %p the wait is %p ms", (attempt, waitMs) => {
  expect(nextAttemptAt(attempt, 10_000, exact, noChance)).toBe(10_000 + waitMs);
});

test.each([
  ["full", 0, 0],
  ["full", 0.5, 500],
  ["equal", 0, 500],
  ["equal", 0.5, 750],
  ["none", 0.5, 1_000],
] as const)("with %p jitter a random value of %p makes a wait of 1,000 ms %p ms", (jitter, value, waitMs) => {
  expect(nextAttemptAt(2, 0, { ...DEFAULT_RETRY_POLICY, jitter }, () => value)).toBe(waitMs);
});

test.each([
  [200, 500],
  [5_000, 5_000],
  [600_000, 600_000],
])("a failure asking for %p ms is tried again after %p ms", (retryAfterMs, waitMs) => {
  expect(nextAttemptAt(1, 0, exact, noChance, retryAfterMs)).toBe(waitMs);
});

test("no initial delay means at once, however often it failed", () => {
  expect(nextAttemptAt(5_000, 42, { ...exact, initialDelayMs: 0 }, noChance)).toBe(42);
});

test("the wait is a whole number of milliseconds between nothing and the maximum, for any policy", () => {
  const policy = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 100 }),
    initialDelayMs: fc.integer({ min: 0, max: 100_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxDelayMs: fc.integer({ min: 0, max: 1_000_000 }),
    jitter: fc.constantFrom("full", "equal", "none"),
  });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), policy, chance, (attempt, anyPolicy, value) => {
      const waitMs = nextAttemptAt(attempt, 0, anyPolicy, () => value);
      expect(Number.isInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(anyPolicy.maxDelayMs);
    }),
  );
});
