import "reflect-metadata";
import { runAgent } from "@agent-hive/agent-sdk";
import { AuthUi } from "./auth-ui/auth-ui.handler.js";
import { Dashboard } from "./dashboard/dashboard.handler.js";
import { UiComponents } from "./ui-components/ui-components.handler.js";

await runAgent({ agentType: "frontend", handlers: [UiComponents, Dashboard, AuthUi] });
