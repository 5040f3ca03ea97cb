import { once } from "node:events";
import { HiveLauncher } from "@agent-hive/launcher";
import { prepareLaunch } from "../launch-settings.js";
import { print, printJson, table, tell } from "../terminal/print.js";

/** Options of `hive dev`. */
export interface DevOptions {
  stateDir: string;
  agents: number;
  loadHandlers?: boolean;
  json?: boolean;
}

/** Runs a whole hive on embedded stores until it is told to stop, and prints its addresses. */
export async function dev(options: DevOptions): Promise<number> {
  prepareLaunch(tell);
  const hive = await HiveLauncher.start({
    stateDir: options.stateDir,
    agentsPerType: options.agents,
    env: options.loadHandlers ? { HIVE_LOAD_HANDLERS: "true" } : {},
    stopOnSignals: false,
    onProgress: tell,
  });
  // Whoever stops us reaches this line through the signal; the launcher then stops everything in order.
  const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  hive.supervisor.on("exited", ({ name }, exit) => tell(`${name} ended (${exit.signal ?? `exit code ${exit.code}`})`));
  show(hive, options);
  await stopped;
  tell("Stopping.");
  await hive.stop();
  return 0;
}

function show(hive: HiveLauncher, options: DevOptions): void {
  const addresses = {
    engine: hive.engineUrl,
    coordinator: hive.coordinatorUrl,
    documentation: `${hive.engineUrl}/docs`,
  };
  if (options.json) {
    printJson({
      ...addresses,
      databaseUrl: hive.databaseUrl,
      redisUrl: hive.redisUrl,
      processes: hive.supervisor.list(),
    });
    return;
  }
  print("The hive is running.");
  const stores = [
    ["PostgreSQL", hive.databaseUrl],
    ["Redis", hive.redisUrl],
    ["logs", `${hive.stateDir}/logs`],
  ];
  for (const line of table([...Object.entries(addresses).map(([name, url]) => [name, url ?? ""]), ...stores]))
    print(`  ${line}`);
  print("Submit a workflow: npm run hive -- submit FILE --watch     Stop with Ctrl-C.");
}
