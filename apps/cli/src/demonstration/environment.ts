import { cpus, totalmem } from "node:os";
import { StoreProbes } from "../validation/store-probes.js";
import type { DemonstratedHive } from "./hives/demonstrated-hive.js";
import type { Environment } from "./files/parts.js";

const POSTGRES_SETTINGS = ["server_version", "fsync", "synchronous_commit"] as const;

/** Where it runs: the machine, and the stores as they say themselves; without the stores if they do not answer. */
export async function environmentOf(hive: DemonstratedHive | undefined): Promise<Environment> {
  return {
    node: process.version,
    platform: process.platform,
    cores: cpus().length,
    memoryBytes: totalmem(),
    settings: hive ? await storeSettings(hive).catch(() => ({})) : {},
  };
}

async function storeSettings(hive: DemonstratedHive): Promise<Record<string, string>> {
  const probes = StoreProbes.open(hive);
  try {
    const [postgres, redis] = await Promise.all([probes.postgresSettings(...POSTGRES_SETTINGS), probes.redisInfo()]);
    const [version = "unknown", ...settings] = POSTGRES_SETTINGS.map((name) =>
      name === "server_version" ? postgres[name] : `${name} ${postgres[name]}`,
    );
    return {
      PostgreSQL: [version, ...settings].join(", "),
      Redis: [
        redis["redis_version"] ?? "unknown",
        `append-only file ${redis["aof_enabled"] === "1" ? "on" : "off"}`,
        `${redis["maxmemory_policy"]}`,
      ].join(", "),
    };
  } finally {
    await probes.close();
  }
}
