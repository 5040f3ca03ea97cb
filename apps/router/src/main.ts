import { runService } from "@agent-hive/service-kit";
import { readRouterSettings } from "./config.js";
import { routerService } from "./service.js";

await runService(() => routerService(readRouterSettings({ args: process.argv.slice(2) })));
