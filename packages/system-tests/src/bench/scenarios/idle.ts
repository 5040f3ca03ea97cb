import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { BenchStores } from "../bench-stores.js";
import type { HivePipeline } from "../hive/hive-pipeline.js";
import { cpuMicroseconds } from "../process-usage.js";
import type { HiveScenario } from "./scenario.js";

/** After start-up, services settle: caches are written, code is compiled, garbage is collected. */
const SETTLE_MS = 3_000;

/** What a hive costs that has nothing to do. */
export const idle: HiveScenario = {
  name: "idle",
  compared: false,
  leastAgents: 1,
  warmUp: () => delay(SETTLE_MS),
  async measure(hive, { idleSeconds }, stores) {
    const before = await countersOf(hive, stores);
    await delay(idleSeconds * 1000);
    const after = await countersOf(hive, stores);
    const seconds = (after.atMs - before.atMs) / 1000;
    const perSecond = (what: "servicesCpu" | "storesCpu" | "commands" | "transactions") =>
      (after[what] - before[what]) / seconds;
    return {
      figures: {
        servicesCpuPercent: perSecond("servicesCpu") / 10_000,
        storesCpuPercent: perSecond("storesCpu") / 10_000,
        redisCommandsPerSecond: perSecond("commands"),
        postgresqlTransactionsPerSecond: perSecond("transactions"),
      },
    };
  },
};

async function countersOf(hive: HivePipeline, stores: BenchStores) {
  const total = (used: Record<string, number>) => Object.values(used).reduce((sum, us) => sum + us, 0);
  const database = new URL(hive.launcher.databaseUrl).pathname.slice(1);
  const [row] = await stores.query<{ transactions: number }>(
    "select (xact_commit + xact_rollback)::double precision as transactions from pg_stat_database where datname = $1",
    [database],
  );
  const commands = /^total_commands_processed:(\d+)/m.exec(await stores.redis.info("stats"))?.[1];
  return {
    atMs: performance.now(),
    servicesCpu: total(cpuMicroseconds(hive.processes())),
    storesCpu: total(cpuMicroseconds(stores.processes())),
    commands: Number(commands),
    transactions: row!.transactions,
  };
}
