import type { TaskDefinition } from "./hive.ts";

const SHAPE: [id: string, agentType: string, dependsOn: string[]][] = [
  ["system_design", "architects", []],
  ["database_design", "architects", []],
  ["api_development", "backend", ["system_design"]],
  ["db_integration", "backend", ["database_design"]],
  ["auth_system", "backend", ["api_development"]],
  ["ui_components", "frontend", ["api_development"]],
  ["dashboard", "frontend", ["db_integration", "ui_components"]],
  ["auth_ui", "frontend", ["auth_system", "ui_components"]],
  ["api_tests", "qa", ["api_development", "db_integration", "auth_system"]],
  ["ui_tests", "qa", ["ui_components", "dashboard", "auth_ui"]],
  ["integration_tests", "qa", ["api_tests", "ui_tests"]],
];

/** The demonstration's graph of 11 tasks, all of them run by the same handler. */
export function elevenTasks(handler: string): TaskDefinition[] {
  return SHAPE.map(([id, agentType, dependsOn]) => ({ id, agentType, handler, dependsOn }));
}
