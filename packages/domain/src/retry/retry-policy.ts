/**
 * When a failed task is tried again: exponential backoff with jitter, so that tasks failing together for one outside
 * reason do not come back together.
 */

/** How often and how soon a task is tried again. */
export interface RetryPolicy {
  /** Charged attempts in all, the first included; from 1, default 3. */
  readonly maxAttempts: number;
  /** Wait after the first failure; default 500 ms. */
  readonly initialDelayMs: number;
  /** What each further wait is multiplied by; at least 1, default 2. */
  readonly factor: number;
  /** No wait of the policy is longer; default 60,000 ms. */
  readonly maxDelayMs: number;
  /** `full`: anywhere from 0 to the wait. `equal` (default): its upper half. `none`: exactly it. */
  readonly jitter: "full" | "equal" | "none";
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 500,
  factor: 2,
  maxDelayMs: 60_000,
  jitter: "equal",
};

/**
 * The time, in the same milliseconds as `now`, at which a task may be tried again.
 * @param attempt charged failures so far, from 1
 * @param random a value in [0, 1)
 * @param retryAfterMs what the failure itself asked for; never tried sooner, even beyond `maxDelayMs`
 */
export function nextAttemptAt(
  attempt: number,
  now: number,
  policy: RetryPolicy,
  random: () => number,
  retryAfterMs = 0,
): number {
  return now + Math.max(Math.round(jittered(backoffMs(attempt, policy), policy, random)), retryAfterMs);
}

/** The wait after the n-th failure, before jitter. */
function backoffMs(attempt: number, policy: RetryPolicy): number {
  // Zero is kept apart: times an overflowed power it would be NaN.
  if (policy.initialDelayMs === 0) return 0;
  return Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.factor ** (attempt - 1));
}

function jittered(waitMs: number, policy: RetryPolicy, random: () => number): number {
  switch (policy.jitter) {
    case "none":
      return waitMs;
    case "equal":
      return (waitMs / 2) * (1 + random());
    case "full":
      return waitMs * random();
  }
}
