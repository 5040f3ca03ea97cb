import { runService } from "@agent-hive/service-kit";
import { readValidatorSettings } from "./config.js";
import { validatorService } from "./service.js";

await runService(() => validatorService(readValidatorSettings({ args: process.argv.slice(2) })));
