import { z } from "zod";
import { commonSettings, integerSetting, readSettings } from "@agent-hive/service-kit";

/** Name of the service in logs and health. */
export const SERVICE_NAME = "metrics-validator";

const settingsShape = {
  ...commonSettings,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).default("postgres://hive:hive@127.0.0.1:5432/hive"),
  /**
   * Tasks that one measurement reads one by one. Each is told with its history, which takes some five kilobytes of memory
   * meanwhile; of more than these a sample is read, and the rest counted.
   */
  HIVE_MEASURED_TASKS: integerSetting({ min: 1, max: 1_000_000 }).default(50_000),
  /**
   * How far the clocks of agents, Redis and PostgreSQL may differ, in milliseconds. 1 is for one machine: agents note
   * whole milliseconds. Across machines it is what their time service keeps.
   */
  HIVE_CLOCK_TOLERANCE_MS: integerSetting({ min: 1, max: 60_000 }).default(1),
  /** Targets that runs are held against, in the format of `packages/measurement/targets.json`. Default: that file. */
  HIVE_TARGETS_FILE: z.string().optional(),
};

/** The validator's settings. */
export type ValidatorSettings = ReturnType<typeof readValidatorSettings>;

/** @throws SettingsError listing every problem. */
export const readValidatorSettings = (env: NodeJS.ProcessEnv = process.env) => readSettings(settingsShape, env);
