import { setTimeout as delay } from "node:timers/promises";
import { duration } from "../terminal/print.js";

const BETWEEN_LOOKS_MS = 25;

/**
 * Asks again and again until there is an answer other than undefined, and returns it.
 *
 * @param signal ends the waiting.
 * @throws Error naming what was waited for and how long; the signal's reason.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<T> {
  for (const deadline = performance.now() + withinMs; ; await delay(BETWEEN_LOOKS_MS, undefined, { signal })) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${duration(withinMs)} in vain until ${what}.`);
  }
}
