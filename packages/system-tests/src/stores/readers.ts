/**
 * Who reads the work streams, as Redis itself tells: a reader has a connection of its own, named for its process and group,
 * and a reader lives once that connection has read.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";

const LOOK_MS = 5;
const PING_MS = 2;

/** How long after Redis answered the readers had all read, in milliseconds. */
export interface Revival {
  /** By the reader's name. */
  afterMs: Record<string, number>;
  worstMs: number;
}

export class Readers {
  private readonly redis: Redis;
  private reading = new Map<string, string>();

  constructor(private readonly redisUrl: string) {
    this.redis = connection(redisUrl);
  }

  /** Remembers who reads now: of them all a new life is expected. @returns their names. */
  async remember(): Promise<string[]> {
    this.reading = await readersOf(this.redis);
    return [...this.reading.keys()].sort();
  }

  /** Resolves with the time at which Redis answers a PING, on the clock of `performance.now()`. */
  async answering(): Promise<number> {
    for (;;) {
      const probe = connection(this.redisUrl);
      try {
        await probe.connect();
        await probe.ping();
        return performance.now();
      } catch {
        await delay(PING_MS);
      } finally {
        probe.disconnect();
      }
    }
  }

  /**
   * Waits until everybody remembered has read on another connection than the one remembered.
   *
   * @param sinceMs from when the time is taken.
   * @throws Error naming who has not, after `withinMs`.
   */
  async revived(sinceMs: number, withinMs: number, isNewServer: boolean): Promise<Revival> {
    const afterMs: Record<string, number> = {};
    const missing = () => [...this.reading.keys()].filter((name) => afterMs[name] === undefined);
    while (missing().length > 0) {
      const now = await readersOf(this.redis).catch(() => new Map<string, string>());
      const tookMs = performance.now() - sinceMs;
      for (const name of missing()) {
        const id = now.get(name);
        if (id !== undefined && (isNewServer || id !== this.reading.get(name))) afterMs[name] = Math.max(0, tookMs);
      }
      if (tookMs > withinMs && missing().length > 0) {
        throw new Error(`Not reading ${Math.round(tookMs)} ms after Redis answered: ${missing().join(", ")}`);
      }
      if (missing().length > 0) await delay(LOOK_MS);
    }
    return { afterMs, worstMs: Math.max(0, ...Object.values(afterMs)) };
  }

  /** Ends all connections of clients, or of those of one process. @returns how many it were. */
  async killConnections(ofAgent?: string): Promise<number> {
    const own = String(await this.redis.client("ID"));
    const victims = (await clientsOf(this.redis)).filter(
      ({ id, name }) => id !== own && (ofAgent === undefined || name.startsWith(`${ofAgent}:`)),
    );
    await Promise.all(victims.map(({ id }) => this.redis.client("KILL", "ID", id)));
    return victims.length;
  }

  close(): void {
    this.redis.disconnect();
  }
}

/** Readers by name, with the id of the connection on which each read last. */
async function readersOf(redis: Redis): Promise<Map<string, string>> {
  const readers = (await clientsOf(redis)).filter(({ cmd }) => cmd === "xreadgroup");
  return new Map(readers.map(({ id, name }) => [name, id]));
}

async function clientsOf(redis: Redis): Promise<{ id: string; name: string; cmd: string }[]> {
  const list = (await redis.client("LIST")) as string;
  return list
    .trim()
    .split("\n")
    .map((line) => {
      const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? "";
      return { id: field("id"), name: field("name"), cmd: field("cmd") };
    });
}

function connection(url: string): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => PING_MS,
    maxRetriesPerRequest: null,
    maxLoadingRetryTime: PING_MS,
  });
  redis.on("error", () => undefined);
  return redis;
}
