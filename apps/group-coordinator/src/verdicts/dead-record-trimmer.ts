import type { RedisStreamsManager } from "@agent-hive/streams";

/** How long a dead incarnation is remembered as such: by then even a frozen virtual machine has been thawed or deleted. */
const KEPT_MS = 24 * 3_600_000;

/** What the trimmer needs of Redis. */
export type TrimmerStreams = Pick<RedisStreamsManager, "keys" | "call" | "abandoned">;

/**
 * Forgets incarnations that have been dead for a day, so that the dead set does not grow for ever. Age is what this
 * coordinator has seen on its own monotonic clock. One that wakes later still finds that nobody knows it: it owns no entry,
 * and registers as a new one. One that may still hold entries is never forgotten.
 */
export class DeadRecordTrimmer {
  private firstSeenMs = new Map<string, number>();

  /** @param groups whose abandoned consumers are kept. */
  constructor(
    private readonly streams: TrimmerStreams,
    private readonly groups: readonly string[],
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Returns how many were forgotten. */
  async runOnce(): Promise<number> {
    const { keys } = this.streams;
    const dead = (await this.streams.call("SMEMBERS", [keys.dead])) as string[];
    const nowMs = this.now();
    this.firstSeenMs = new Map(dead.map((incarnation) => [incarnation, this.firstSeenMs.get(incarnation) ?? nowMs]));
    const abandoned = new Set((await Promise.all(this.groups.map((group) => this.streams.abandoned(group)))).flat());
    const old = dead.filter(
      (incarnation) => nowMs - this.firstSeenMs.get(incarnation)! >= KEPT_MS && !abandoned.has(incarnation),
    );
    if (old.length === 0) return 0;
    await this.streams.call("SREM", [keys.dead, ...old]);
    await this.streams.call("HDEL", [keys.verdicts, ...old]);
    return old.length;
  }
}
