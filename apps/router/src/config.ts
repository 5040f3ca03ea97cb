import { readSettings, type SettingSources, type SettingsOf } from "@agent-hive/service-kit";

/** Name of the service in logs, health and registry. */
export const SERVICE_NAME = "router";

/** The router's settings: those of every service. */
export type RouterSettings = SettingsOf<typeof SERVICE_NAME>;

/** @throws SettingsError listing every problem. */
export const readRouterSettings = (sources?: SettingSources): RouterSettings => readSettings(SERVICE_NAME, sources);
