export { HiveError, InterruptedError, LeaseLostError, TerminalError, TransientError } from "@agent-hive/domain";
export type { Logger } from "@agent-hive/telemetry";
export { AgentModule, type AgentOptions } from "./agent.module.js";
export { Handler } from "./handler.decorator.js";
export { parseInput } from "./parse-input.js";
export { runAgent } from "./run-agent.js";
export type { Task, TaskContext, TaskHandler } from "./task.js";
