import { setTimeout as sleep } from "node:timers/promises";

/** Looks until something is so. @throws Error after `limitMs` (default 10 s) with what was last seen. */
export async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, limitMs = 10_000): Promise<T> {
  for (const startedAt = performance.now(); ; ) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() - startedAt > limitMs) throw new Error(`It did not come to be; last seen: ${JSON.stringify(seen)}`);
    await sleep(10);
  }
}
