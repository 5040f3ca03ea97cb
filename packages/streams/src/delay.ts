import { setTimeout as sleep } from "node:timers/promises";

/** Waits, or until the signal comes, whichever is first. Never fails. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
