import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until `probe` returns something else than undefined or false, and returns it.
 *
 * @throws Error naming what was waited for, after `limitMs` (default 10,000).
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 10_000,
): Promise<T> {
  for (const start = performance.now(); performance.now() - start < limitMs; await delay(5)) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
}
