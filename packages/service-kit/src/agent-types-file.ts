import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadAgentTypes, type AgentTypes } from "@agent-hive/contracts";

const DEFAULT_FILE = join("infra", "agent-types.yaml");

/**
 * Loads the agent types that the settings name, or `infra/agent-types.yaml` of the folder that this code stands in or of
 * one above it.
 */
export function agentTypesOf(settings: { HIVE_AGENT_TYPES_FILE?: string; HIVE_LOAD_HANDLERS: boolean }): AgentTypes {
  return loadAgentTypes(settings.HIVE_AGENT_TYPES_FILE ?? findDefault(import.meta.dirname), {
    loadHandlers: settings.HIVE_LOAD_HANDLERS,
  });
}

function findDefault(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, DEFAULT_FILE);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) {
      throw new Error(`There is no ${DEFAULT_FILE} in or above ${from}. Name the file in HIVE_AGENT_TYPES_FILE.`);
    }
  }
}
