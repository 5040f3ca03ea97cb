import { runService } from "@agent-hive/service-kit";
import { readEngineSettings } from "./config.js";
import { engineService } from "./service.js";

await runService(() => engineService(readEngineSettings({ args: process.argv.slice(2) })));
