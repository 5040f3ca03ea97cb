import { z } from "zod";
import { MINIMUM_WINDOW } from "@agent-hive/domain";
import { commonSettings, integerSetting, readSettings } from "@agent-hive/service-kit";
import { REDISPATCH_PER_SECOND } from "./recovery/lost-tasks.js";

/** Name of the service in logs, health and registry. */
export const SERVICE_NAME = "workflow-engine";

/** Where agents and clients look for the engine unless told otherwise. */
const DEFAULT_PORT = 3000;

const settingsShape = {
  ...commonSettings,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).default("postgres://hive:hive@127.0.0.1:5432/hive"),
  HIVE_HTTP_PORT: integerSetting({ min: 0, max: 65_535 }).default(DEFAULT_PORT),
  /** Connections to PostgreSQL for the hot paths. Each submission or batch of results takes one for a few milliseconds. */
  HIVE_DATABASE_CONNECTIONS: integerSetting({ min: 1, max: 100 }).default(6),
  /** Ready tasks that may wait in PostgreSQL; above it submissions are answered 429. */
  HIVE_BACKLOG_LIMIT: integerSetting({ min: 0, max: 1_000_000_000 }).default(1_000_000),
  /** Tasks that this engine dispatches anew in a second at most, after Redis has lost its data. */
  HIVE_REDISPATCH_PER_SECOND: integerSetting({ min: 1, max: 10_000_000 }).default(REDISPATCH_PER_SECOND),
  /** Smallest number of tasks that an agent type may have in Redis. */
  HIVE_WINDOW_MINIMUM: integerSetting({ min: 1, max: 100_000 }).default(MINIMUM_WINDOW),
};

/** The engine's settings. */
export type EngineSettings = ReturnType<typeof readEngineSettings>;

/** @throws SettingsError listing every problem. */
export const readEngineSettings = (env: NodeJS.ProcessEnv = process.env) => readSettings(settingsShape, env);
