import { reconnectDelayMs, retryDelayMs } from "./backoff.js";

test("delays double up to their limit, and jitter only takes away", () => {
  expect([1, 2, 3, 4, 5, 99].map((attempt) => reconnectDelayMs(attempt, 0))).toEqual([20, 40, 80, 160, 250, 250]);
  expect([1, 5, 99].map((attempt) => reconnectDelayMs(attempt, 1))).toEqual([10, 125, 125]);
  expect(retryDelayMs(99, 0)).toBe(1_000);
});
