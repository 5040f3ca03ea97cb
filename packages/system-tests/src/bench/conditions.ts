/** Under which conditions figures were measured: they mean nothing without. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { BenchStores } from "./bench-stores.js";

const POSTGRES_SETTINGS = ["server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size"];
const REDIS_SETTINGS = ["appendonly", "appendfsync", "maxmemory-policy", "io-threads"];
/** Of one core: what else ran just before, as a share of the time. Above it, figures tell of the neighbours, too. */
const QUIET_LOAD_PER_CORE = 0.25;

export interface Conditions {
  at: string;
  node: string;
  processor: string;
  cores: number;
  memoryMegabytes: number;
  /** Average number of runnable processes over the minute before the run. */
  loadBefore: number;
  quiet: boolean;
  postgresql: Record<string, string>;
  redis: Record<string, string>;
}

/** @param loadBefore the load before the benchmark itself did anything. */
export async function conditionsOf(stores: BenchStores, loadBefore = loadavg()[0]!): Promise<Conditions> {
  const rows = await stores.query<{ name: string; setting: string }>(
    "select name, current_setting(name) as setting from pg_settings where name = any($1)",
    [POSTGRES_SETTINGS],
  );
  const redis = await Promise.all(
    REDIS_SETTINGS.map(async (name) => (await stores.redis.config("GET", name)) as [string, string]),
  );
  const version = /^redis_version:(\S+)/m.exec(await stores.redis.info("server"))?.[1] ?? "unknown";
  const cores = availableParallelism();
  return {
    at: new Date().toISOString(),
    node: process.version,
    processor: cpus()[0]?.model ?? "unknown",
    cores,
    memoryMegabytes: Math.round(totalmem() / 2 ** 20),
    loadBefore,
    quiet: loadBefore <= QUIET_LOAD_PER_CORE * cores,
    postgresql: Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
    redis: { version, ...Object.fromEntries(redis) },
  };
}
