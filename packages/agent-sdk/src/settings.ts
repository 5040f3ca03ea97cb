import { readSettings, type SettingSources, type SettingsOf } from "@agent-hive/service-kit";

/** What an agent reads. */
export type AgentSettings = SettingsOf<"agents">;

/** @throws SettingsError listing every problem. */
export const readAgentSettings = (sources?: SettingSources): AgentSettings => readSettings("agents", sources);
