import { z } from "zod";
import { commonSettings, readSettings } from "@agent-hive/service-kit";

/**
 * PostgreSQL cuts the name of a connection at 63 characters, and by that name a coordinator is known as holder of the
 * leader's lock: its agent id, a dot and twelve more.
 */
const LONGEST_AGENT_ID = 50;

const settingsShape = {
  ...commonSettings,
  HIVE_AGENT_ID: z.string().min(1).max(LONGEST_AGENT_ID).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).default("postgres://hive:hive@127.0.0.1:5432/hive"),
};

/** The coordinator's settings. */
export type CoordinatorSettings = ReturnType<typeof readCoordinatorSettings>;

/** @throws SettingsError listing every problem. */
export const readCoordinatorSettings = (env: NodeJS.ProcessEnv = process.env) => readSettings(settingsShape, env);
