import { HiveClient } from "@agent-hive/client";
import { readHiveState } from "@agent-hive/launcher";
import { examineSettings, type Examination } from "@agent-hive/service-kit/settings";
import type { ConnectionOptions } from "../connection.js";
import type { Finding, HivelessCheck } from "../validation/check.js";
import { StoreProbes } from "../validation/store-probes.js";

/** A service whose address is known. */
export interface KnownService {
  name: string;
  url: string;
}

/** The installation that is examined: whatever is known of it. */
export interface Patient {
  settings: Examination;
  /** Undefined if nothing tells where they are. */
  stores: StoreProbes | undefined;
  /** Undefined if nothing tells where an engine and a coordinator are. */
  client: HiveClient | undefined;
  services: KnownService[];
}

/** One thing to look at. It changes nothing. */
export interface Examined extends Omit<HivelessCheck, "run"> {
  run(patient: Patient): Promise<Finding>;
}

/** What the options and the settings name, else the hive that `hive dev` runs in the state folder. */
export function patientOf({ url, coordinatorUrl, stateDir }: ConnectionOptions): Patient {
  const settings = examineSettings();
  const { given } = settings;
  const running = readHiveState(stateDir);
  const engineUrl = url ?? given.get("HIVE_URL") ?? running?.engineUrls[0];
  const coordinator = coordinatorUrl ?? given.get("HIVE_COORDINATOR_URL") ?? running?.coordinatorUrls[0];
  const databaseUrl = given.get("DATABASE_URL") ?? running?.databaseUrl;
  const redisUrl = given.get("REDIS_URL") ?? running?.redisUrl;
  const keyPrefix = given.get("HIVE_KEY_PREFIX");
  return {
    settings,
    stores:
      databaseUrl !== undefined && redisUrl !== undefined
        ? StoreProbes.open({ databaseUrl, redisUrl, keyPrefix })
        : undefined,
    client:
      engineUrl !== undefined && coordinator !== undefined
        ? new HiveClient({
            engineUrl,
            coordinatorUrl: coordinator,
            apiKey: given.get("HIVE_API_KEY"),
            timeoutMs: 5_000,
          })
        : undefined,
    services: running
      ? running.processes.map(({ name, port }) => ({ name, url: `http://127.0.0.1:${port}` }))
      : [
          ...(engineUrl === undefined ? [] : [{ name: "workflow-engine", url: engineUrl }]),
          ...(coordinator === undefined ? [] : [{ name: "group-coordinator", url: coordinator }]),
        ],
  };
}
