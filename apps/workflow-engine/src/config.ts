import { readSettings, type SettingSources, type SettingsOf } from "@agent-hive/service-kit";

/** Name of the service in logs, health and registry. */
export const SERVICE_NAME = "workflow-engine";

/** The engine's settings. */
export type EngineSettings = SettingsOf<typeof SERVICE_NAME>;

/** @throws SettingsError listing every problem. */
export const readEngineSettings = (sources?: SettingSources): EngineSettings => readSettings(SERVICE_NAME, sources);
