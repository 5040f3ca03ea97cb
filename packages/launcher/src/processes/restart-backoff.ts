const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** A process that lived this long starts again without its history: what ended it now is another matter. */
export const STABLE_AFTER_MS = 10_000;

/**
 * How long to wait before a process that died is started again.
 *
 * @param quickDeaths how often in a row it died before it had lived for {@link STABLE_AFTER_MS}.
 * @returns 100 ms, doubled with each quick death, 5 s at most.
 */
export function restartDelayMs(quickDeaths: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** quickDeaths);
}
