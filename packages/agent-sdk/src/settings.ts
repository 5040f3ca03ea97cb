import { booleanSetting, commonSettings, integerSetting } from "@agent-hive/service-kit";
import { z } from "zod";

/** What an agent reads from the environment. */
export const agentSettings = {
  ...commonSettings,
  /** Where outputs of other tasks are read and large outputs are stored: one engine, or several, comma separated. */
  HIVE_ENGINE_URL: z
    .string()
    .default("http://127.0.0.1:3000")
    .transform((urls) => urls.split(","))
    .pipe(z.array(z.url({ protocol: /^https?$/ }))),
  /** Tasks at once in this process. */
  HIVE_SLOTS: integerSetting({ min: 1, max: 10_000 }).default(1),
  /** How long what runs may go on after SIGTERM, before it is handed back. */
  HIVE_DRAIN_MS: integerSetting({ min: 0, max: 3_600_000 }).default(10_000),
  /** Lets whoever simulates crashes have this process stand still at a moment of a task. */
  HIVE_CHAOS_ENABLED: booleanSetting.default(false),
};

export type AgentSettings = Readonly<z.output<z.ZodObject<typeof agentSettings>>>;
