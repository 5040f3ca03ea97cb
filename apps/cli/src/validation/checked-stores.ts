import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { EmbeddedStores } from "@agent-hive/launcher";
import { createPool } from "@agent-hive/persistence";

const KEYS_PER_LOOK = 1_000;

/** Servers to check instead of embedded ones. Nothing of theirs is touched but what the run itself makes. */
export interface GivenStores {
  databaseUrl?: string;
  redisUrl?: string;
}

/**
 * The stores of the hive that is checked: embedded ones, or a database of its own and a key prefix of its own on servers
 * that are given. DATABASE_URL and REDIS_URL are left alone: agents are killed here, and a hive may be at work there.
 */
export class CheckedStores {
  private constructor(
    readonly databaseUrl: string,
    readonly redisUrl: string,
    /** What all keys in Redis start with. */
    readonly keyPrefix: string,
    private readonly removals: (() => Promise<void>)[],
  ) {}

  /** @throws LauncherError POSTGRES_UNAVAILABLE, REDIS_UNAVAILABLE; what PostgreSQL says if it makes no database. */
  static async start(given: GivenStores, onProgress: (message: string) => void): Promise<CheckedStores> {
    const name = `hive_validation_${randomBytes(6).toString("hex")}`;
    const { databaseUrl = "", redisUrl = "" } = given;
    const servers = await EmbeddedStores.start({ databaseUrl, redisUrl, onProgress });
    const keyPrefix = `${name}:`;
    const removals = [() => servers.stop()];
    if (redisUrl !== "") removals.unshift(() => removeKeys(redisUrl, keyPrefix));
    if (databaseUrl === "") return new CheckedStores(servers.databaseUrl, servers.redisUrl, keyPrefix, removals);
    try {
      await administer(databaseUrl, `create database ${name}`);
    } catch (error) {
      await servers.stop();
      throw error;
    }
    removals.unshift(() => administer(databaseUrl, `drop database if exists ${name} with (force)`));
    const own = new URL(databaseUrl);
    own.pathname = `/${name}`;
    return new CheckedStores(own.href, servers.redisUrl, keyPrefix, removals);
  }

  /** Removes what the run made, and stops what was started for it; one failure does not keep the rest. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const remove of this.removals.splice(0)) await remove().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "Not all that the validation made could be removed.");
  }
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const pool = createPool({ url: databaseUrl, applicationName: "hive-validate", maxConnections: 1 });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}

async function removeKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on("error", () => undefined); // told by the command that needs the connection
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: KEYS_PER_LOOK }) as AsyncIterable<
      string[]
    >) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  } finally {
    redis.disconnect();
  }
}
