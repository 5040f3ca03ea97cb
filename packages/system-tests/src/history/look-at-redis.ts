import { Redis } from "ioredis";

const WORK_STREAMS = /^(workflow:dispatch|workflow:results|agent_messages:.+)$/;
const IN_FLIGHT = "hive:in_flight:";
/** Entries noted of one stream at most: a hive at rest has none. */
const MOST_ENTRIES = 10_000;

/** What a hive has in Redis at one moment. */
export interface RedisLook {
  /** Entries of the work streams: where, id, task key and attempt. */
  entries: [stream: string, id: string, taskKey: string | null, attempt: number | null][];
  /** Fields of the in-flight indexes: task key and value. */
  inFlight: [taskKey: string, value: string][];
}

export async function lookAtRedis({
  redisUrl,
  keyPrefix,
}: {
  redisUrl: string;
  keyPrefix: string;
}): Promise<RedisLook> {
  const redis = new Redis(redisUrl);
  try {
    const look: RedisLook = { entries: [], inFlight: [] };
    for (const key of await keysOf(redis, keyPrefix)) {
      const name = key.slice(keyPrefix.length);
      if (WORK_STREAMS.test(name)) {
        const entries = await redis.xrange(key, "-", "+", "COUNT", MOST_ENTRIES);
        look.entries.push(...entries.map(([id, fields]) => entryOf(name, id, fields)));
      } else if (name.startsWith(IN_FLIGHT)) {
        look.inFlight.push(...Object.entries(await redis.hgetall(key)));
      }
    }
    return look;
  } finally {
    redis.disconnect();
  }
}

/** The keys of one hive. */
export async function keysOf(redis: Redis, keyPrefix: string): Promise<string[]> {
  const keys = new Set<string>();
  for await (const page of redis.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
    for (const key of page as string[]) keys.add(key);
  }
  return [...keys];
}

function entryOf(stream: string, id: string, flat: string[]): RedisLook["entries"][number] {
  const field = (name: string): string | null => {
    const at = flat.findIndex((value, index) => index % 2 === 0 && value === name);
    return at === -1 ? null : flat[at + 1]!;
  };
  const attempt = field("a");
  return [stream, id, field("k"), attempt === null ? null : Number(attempt)];
}
