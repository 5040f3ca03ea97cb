import "reflect-metadata";
import { runAgent } from "@agent-hive/agent-sdk";
import { DatabaseDesign } from "./database-design/database-design.handler.js";
import { SystemDesign } from "./system-design/system-design.handler.js";

await runAgent({ agentType: "architects", handlers: [SystemDesign, DatabaseDesign] });
