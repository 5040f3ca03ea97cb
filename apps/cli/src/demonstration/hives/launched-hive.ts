import { NearestHand } from "@agent-hive/chaos";
import { HiveLauncher, VALIDATOR_SERVICE, defaultServices } from "@agent-hive/launcher";
import type { DemonstratedHive } from "./demonstrated-hive.js";

/** Processes of this machine, on embedded stores unless the settings name others. */
export async function launchHive(agentsPerType: number, tell: (line: string) => void): Promise<DemonstratedHive> {
  const hive = await HiveLauncher.start({
    services: [...defaultServices(agentsPerType), VALIDATOR_SERVICE],
    env: { HIVE_CHAOS_ENABLED: "true" },
    stopOnSignals: false,
    onProgress: tell,
  });
  const { engineUrl, coordinatorUrl, validatorUrl, databaseUrl, redisUrl, supervisor } = hive;
  return {
    engineUrl,
    coordinatorUrl: coordinatorUrl!,
    validatorUrl: validatorUrl!,
    databaseUrl,
    redisUrl,
    processes: supervisor.list().length,
    hand: new NearestHand(),
    revive: (agentId) => supervisor.start(agentId),
    onLine: (listener) => void supervisor.on("line", listener),
    stop: () => hive.stop(),
  };
}
