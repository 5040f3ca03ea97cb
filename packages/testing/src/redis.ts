import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { storeUrl } from "./store-url.js";

/** A corner of a Redis server of a test file's own: everything under one prefix. */
export interface TestRedis {
  url: string;
  /** What all keys of the test start with; give it to `createKeys`. */
  prefix: string;
  /** A connection for looking and meddling. */
  client: Redis;
  /** Removes everything under the prefix. */
  clear(): Promise<void>;
  /** Clears and disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to the Redis server for tests under a new prefix.
 *
 * @throws Error if REDIS_URL is not set.
 */
export async function createTestRedis(): Promise<TestRedis> {
  const url = storeUrl("REDIS_URL");
  const prefix = `test:${process.pid}:${randomBytes(4).toString("hex")}:`;
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 3 });
  // Commands report what went wrong; without a listener the event would end the process first.
  client.on("error", () => undefined);
  await client.connect();

  const clear = async (): Promise<void> => {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  };
  const close = async (): Promise<void> => {
    await clear();
    client.disconnect();
  };
  return { url, prefix, client, clear, close };
}
