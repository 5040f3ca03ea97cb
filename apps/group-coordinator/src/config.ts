import { readSettings, type SettingSources, type SettingsOf } from "@agent-hive/service-kit";
import { COORDINATOR_SERVICE } from "@agent-hive/streams";

/** The coordinator's settings. */
export type CoordinatorSettings = SettingsOf<typeof COORDINATOR_SERVICE>;

/** @throws SettingsError listing every problem. */
export const readCoordinatorSettings = (sources?: SettingSources): CoordinatorSettings =>
  readSettings(COORDINATOR_SERVICE, sources);
