import type { Redis } from "ioredis";
import { createKeys, registrationSchema, type HiveEvent, type Keys, type Registration } from "@agent-hive/contracts";

/** What a hive keeps in Redis, seen from outside: for looking, and for mischief. */
export class HiveRedis {
  readonly keys: Keys;

  constructor(
    readonly redis: Redis,
    prefix: string,
  ) {
    this.keys = createKeys(prefix);
  }

  /** Everything that stands for work which is not finished: entries, pending entries and fields, by key. */
  async leftovers(): Promise<Record<string, number>> {
    const { prefix } = this.keys;
    const counts: Record<string, number> = {};
    for (const key of await this.namesOf("*")) {
      const name = key.slice(prefix.length);
      if (/^(workflow:(dispatch|results)|agent_messages:)/.test(name)) {
        counts[name] = await this.redis.xlen(key);
        counts[`${name} pending`] = await this.pendingIn(key);
      } else if (/^hive:(in_flight|started|crashes|checkpoints):/.test(name)) counts[name] = await this.redis.hlen(key);
    }
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  }

  async pendingIn(stream: string): Promise<number> {
    const groups = (await this.redis.xinfo("GROUPS", stream)) as unknown[][];
    return groups.reduce((sum, group) => sum + Number(group[group.indexOf("pending") + 1]), 0);
  }

  async registrations(): Promise<Registration[]> {
    return (await this.redis.hvals(this.keys.incarnations)).map((json) => registrationSchema.parse(JSON.parse(json)));
  }

  /** What the hive told of itself, as far as it is kept. */
  async events(): Promise<HiveEvent[]> {
    const entries = await this.redis.xrange(this.keys.events, "-", "+");
    return entries.flatMap(([, fields]) => JSON.parse(fields[fields.indexOf("m") + 1]!) as HiveEvent[]);
  }

  /** What a wiped server is to this hive: all of its keys gone at once. */
  async wipe(): Promise<void> {
    const names = await this.namesOf("*");
    if (names.length > 0) await this.redis.del(...names);
  }

  private async namesOf(pattern: string): Promise<string[]> {
    return this.redis.keys(`${this.keys.prefix}${pattern}`);
  }
}
