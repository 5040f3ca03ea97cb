import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@agent-hive/telemetry";
import { isStoreUnavailable } from "../store/store-errors.js";

const TELL_AFTER_MS = 2000;
const RETRY_MS = 250;

/** Waits for something, and says so in the log if it takes long. */
export async function tellIfSlow<T>(what: string, waited: Promise<T>, logger: Logger): Promise<T> {
  const timer = setTimeout(() => logger.warn("still waiting", { for: what }), TELL_AFTER_MS);
  try {
    return await waited;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Does something that needs PostgreSQL, again and again while it cannot be reached.
 *
 * @param limitMs after which the last error is thrown. Default 60,000.
 */
export async function untilStoreAnswers<T>(action: () => Promise<T>, logger: Logger, limitMs = 60_000): Promise<T> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!isStoreUnavailable(error) || performance.now() - startedAt > limitMs) throw error;
      if (attempt === 1) logger.warn("PostgreSQL cannot be reached yet", { err: error });
      await sleep(RETRY_MS);
    }
  }
}
