import "reflect-metadata";
import { runAgent } from "@agent-hive/agent-sdk";
import { ApiDevelopment } from "./api-development/api-development.handler.js";
import { AuthSystem } from "./auth-system/auth-system.handler.js";
import { DbIntegration } from "./db-integration/db-integration.handler.js";

await runAgent({ agentType: "backend", handlers: [ApiDevelopment, DbIntegration, AuthSystem] });
