import { commonSettings, readSettings } from "@agent-hive/service-kit";

/** Name of the service in logs, health and registry. */
export const SERVICE_NAME = "router";

/** The router's settings: those of every service. */
export type RouterSettings = ReturnType<typeof readRouterSettings>;

/** @throws SettingsError listing every problem. */
export const readRouterSettings = (env: NodeJS.ProcessEnv = process.env) => readSettings(commonSettings, env);
