const RECONNECT_FIRST_MS = 20;
const RECONNECT_LONGEST_MS = 250;
const RETRY_FIRST_MS = 20;
const RETRY_LONGEST_MS = 1_000;

/**
 * How long to wait before trying to connect again: 20 ms, doubling up to 250 ms. Readers are to live again within a
 * second of Redis, so it never grows beyond (ioredis's own goes up to 5 s).
 *
 * @param attempt from 1.
 * @param random from 0 to 1; takes up to half of the delay away, so that a fleet does not come back in step.
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  return jittered(RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS, attempt, random);
}

/** The same for work that failed and is tried again: 20 ms, doubling up to 1 s. */
export function retryDelayMs(attempt: number, random: number): number {
  return jittered(RETRY_FIRST_MS, RETRY_LONGEST_MS, attempt, random);
}

function jittered(firstMs: number, longestMs: number, attempt: number, random: number): number {
  const delayMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 16));
  return Math.round(delayMs * (1 - random / 2));
}
