import { toError } from "@agent-hive/domain";
import { reconnectDelayMs } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { pause } from "../backoff.js";

/**
 * Asks Redis until it answers. What a script did before its answer was lost it recognises when it is asked again, so
 * that asking is always safe.
 *
 * @param life ends the asking: what the call is about no longer belongs to this process.
 * @returns undefined if `life` was aborted first.
 */
export async function untilAnswered<T>(
  what: string,
  life: AbortSignal,
  logger: Logger,
  call: () => Promise<T>,
): Promise<T | undefined> {
  for (let tries = 1; !life.aborted; tries++) {
    try {
      const answer = await call();
      if (tries > 1) logger.info("redis answers again", { what, tries });
      return life.aborted ? undefined : answer;
    } catch (thrown) {
      if (tries === 1) logger.warn("redis did not answer, asking again", { what, reason: toError(thrown).message });
      // As often as connections are tried: who holds results that nobody takes has no room, and reads nothing.
      await pause(reconnectDelayMs(tries, Math.random()), life);
    }
  }
  return undefined;
}
