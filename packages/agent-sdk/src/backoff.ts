import { setTimeout as delay } from "node:timers/promises";

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2000;

/**
 * How long to wait before another try: doubles from 50 ms to 2 s, with jitter, so that many who failed together do not
 * come back together.
 *
 * @param tries how many have failed, from 1.
 * @param random default `Math.random`.
 */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
  return longest * (0.5 + random() / 2);
}

/** Waits; returns early, without an error, when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
