import "reflect-metadata";
import { runAgent } from "@agent-hive/agent-sdk";
import { ApiTests } from "./api-tests/api-tests.handler.js";
import { IntegrationTests } from "./integration-tests/integration-tests.handler.js";
import { UiTests } from "./ui-tests/ui-tests.handler.js";

await runAgent({ agentType: "qa", handlers: [ApiTests, UiTests, IntegrationTests] });
