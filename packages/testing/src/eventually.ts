import { setTimeout as delay } from "node:timers/promises";

const BETWEEN_LOOKS_MS = 5;
/** Far beyond what anything waited for takes, on a busy machine too: after it, it will not come. */
const DEFAULT_LIMIT_MS = 10_000;

/**
 * Looks again and again until what is seen is accepted, and returns it.
 *
 * @throws Error with what was seen last, after `limitMs` (default 10,000).
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  accept: (seen: T) => boolean,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<T> {
  for (const startMs = performance.now(); ; await delay(BETWEEN_LOOKS_MS)) {
    const seen = await look();
    if (accept(seen)) return seen;
    if (performance.now() - startMs > limitMs) {
      throw new Error(`Not within ${limitMs} ms; last seen: ${JSON.stringify(seen)}`);
    }
  }
}

/**
 * Waits until `probe` returns something else than undefined or false, and returns it.
 *
 * @throws Error naming what was waited for, after `limitMs` (default 10,000).
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<T> {
  for (const startMs = performance.now(); performance.now() - startMs < limitMs; await delay(BETWEEN_LOOKS_MS)) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
}
