import type { Logger } from "@agent-hive/telemetry";
import { reconnectDelayMs } from "./backoff.js";
import { pause } from "./delay.js";

/**
 * Does something that only a lack of connection can prevent, again and again until it succeeds.
 *
 * @returns undefined if the signal came first.
 */
export async function insist<T>(action: () => Promise<T>, signal: AbortSignal, logger: Logger): Promise<T | undefined> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return await action();
    } catch (error) {
      logger.debug("will be tried again", { err: error });
      await pause(reconnectDelayMs(failures, Math.random()), signal);
    }
  }
  return undefined;
}
