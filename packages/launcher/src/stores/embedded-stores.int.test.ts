import { existsSync } from "node:fs";
import { mkdtemp, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { isRunning, scratchFolder, until } from "../test-fixtures/helpers.js";
import { EmbeddedStores, type EmbeddedStoresOptions } from "./embedded-stores.js";
import { findRedis } from "./redis-binary.js";

const ours = { databaseUrl: "", redisUrl: "" }; // whatever the environment offers
const scratch = scratchFolder();
const running: EmbeddedStores[] = [];
const leftovers: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stores) => stores.stop()));
  for (const folder of leftovers.splice(0)) {
    await rm(folder, { recursive: true, force: true });
    await rmdir(dirname(folder)).catch(() => {}); // not empty: in use by other hives
  }
});

async function setup(options: EmbeddedStoresOptions = {}): Promise<EmbeddedStores> {
  const stores = await EmbeddedStores.start({ ...ours, ...options });
  running.push(stores);
  return stores;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.map(([value]: unknown[]) => value);
  } finally {
    await client.end();
  }
}

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

test("PostgreSQL 18 keeps what it commits, reached with its password only", async () => {
  const { databaseUrl } = await setup();
  const intruder = new URL(databaseUrl);
  intruder.password = "guessed";

  expect(await query(databaseUrl, "SELECT current_setting('server_version_num')::int / 10000")).toEqual([18]);
  expect(
    await query(
      databaseUrl,
      "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('fsync', 'max_connections', 'synchronous_commit') ORDER BY 1",
    ),
  ).toEqual(["fsync=on", "max_connections=200", "synchronous_commit=on"]);
  await expect(query(intruder.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
});

test("Redis appends to a file and evicts nothing, reached with its password only", async () => {
  const { redisUrl } = await setup();
  const intruder = new URL(redisUrl);
  intruder.password = "guessed";
  const setting = (redis: Redis) => async (name: string) => (await redis.config("GET", name))[1];

  const settings = await withRedis(redisUrl, (redis) =>
    Promise.all(["appendonly", "appendfsync", "maxmemory-policy", "save"].map(setting(redis))),
  );

  expect(settings).toEqual(["yes", "everysec", "noeviction", ""]);
  await expect(withRedis(intruder.href, (redis) => redis.ping())).rejects.toThrow("Connection is closed");
});

test("stores that are killed come back with their data, at the same address", async () => {
  const { databaseUrl, redisUrl, postgres, redis } = await setup();
  await query(databaseUrl, "CREATE TABLE kept AS SELECT 42 AS answer");
  await withRedis(redisUrl, (client) => client.set("kept", "42"));

  postgres!.process.signal("SIGKILL");
  redis!.process.signal("SIGKILL");
  await until("both are back", () =>
    [postgres, redis].every((store) => store!.process.restarts === 1 && store!.process.state === "ready"),
  );

  expect(await query(databaseUrl, "SELECT answer FROM kept")).toEqual([42]);
  expect(await withRedis(redisUrl, (client) => client.get("kept"))).toBe("42");
});

test("temporary stores leave no process and no file", async () => {
  const stores = await setup();
  const pids = [stores.postgres!.process.pid!, stores.redis!.process.pid!];
  const [postgresData] = (await query(stores.databaseUrl, "SHOW data_directory")) as string[];
  const [, redisData] = await withRedis(stores.redisUrl, (client) => client.config("GET", "dir"));
  const folders = [dirname(postgresData!), redisData!];
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, true]);

  await Promise.all([stores.stop(), stores.stop()]);

  expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});

test("stores with a folder find their data again, even if the account of the servers may not enter it", async () => {
  const folder = join(scratch, "closed", "data"); // mkdtemp makes folders that only their owner enters, as /root is
  const first = await setup({ folder });
  await query(first.databaseUrl, "CREATE TABLE kept AS SELECT 42 AS answer");
  await withRedis(first.redisUrl, (client) => client.set("kept", "42"));
  await first.stop();

  const second = await setup({ folder });

  expect(await query(second.databaseUrl, "SELECT answer FROM kept")).toEqual([42]);
  expect(await withRedis(second.redisUrl, (client) => client.get("kept"))).toBe("42");
  const [data] = (await query(second.databaseUrl, "SHOW data_directory")) as string[];
  leftovers.push(dirname(dirname(data!)));
});

test("stores that the settings name are used as they are", async () => {
  const stores = await setup({ databaseUrl: "postgres://theirs", redisUrl: "redis://theirs" });

  expect(stores).toMatchObject({
    databaseUrl: "postgres://theirs",
    redisUrl: "redis://theirs",
    postgres: undefined,
    redis: undefined,
  });
});

test("a machine without any server and without a package archive is told the ways out", async () => {
  const cache = await mkdtemp(join(scratch, "cache-"));

  await expect(findRedis({ path: "/nowhere", cache, fetch: false })).rejects.toMatchObject({
    code: "REDIS_UNAVAILABLE",
    message: expect.stringContaining("set REDIS_URL"),
  });
});
