import { runService } from "@agent-hive/service-kit";
import { readCoordinatorSettings } from "./config.js";
import { coordinatorService } from "./service.js";

await runService(() => coordinatorService(readCoordinatorSettings({ args: process.argv.slice(2) })));
