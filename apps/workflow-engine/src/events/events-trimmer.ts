import type { RedisStreamsManager } from "@agent-hive/streams";

/** What the events of the hive may take in Redis. Their number is bounded too, but one entry holds those of a batch. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Keeps the memory of the events stream bounded (I9): they are for onlookers, and the oldest go first. */
export class EventsTrimmer {
  constructor(private readonly manager: Pick<RedisStreamsManager, "keys" | "call">) {}

  /** @returns how many entries went. */
  async runOnce(): Promise<{ trimmed: number }> {
    const { events } = this.manager.keys;
    const [bytes, length] = await Promise.all([
      this.manager.call("MEMORY", ["USAGE", events]),
      this.manager.call("XLEN", [events]),
    ]);
    const kept = decideTrim({ bytes: Number(bytes ?? 0), length: Number(length), limitBytes: LIMIT_BYTES });
    if (kept === undefined) return { trimmed: 0 };
    return { trimmed: Number(await this.manager.call("XTRIM", [events, "MAXLEN", "~", String(kept)])) };
  }
}

/** How many entries may stay, so that three quarters of the limit are taken; undefined if nothing has to go. */
export function decideTrim(seen: { bytes: number; length: number; limitBytes: number }): number | undefined {
  const { bytes, length, limitBytes } = seen;
  return bytes <= limitBytes ? undefined : Math.floor((length * limitBytes * 0.75) / bytes);
}
