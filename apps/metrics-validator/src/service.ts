import type { ServiceOptions } from "@agent-hive/service-kit";
import { SERVICE_NAME, type ValidatorSettings } from "./config.js";
import { problemOf } from "./http/problems.js";
import { MetricsValidatorModule } from "./metrics-validator.module.js";

/** The validator as a service: what `runService` and tests start. */
export function validatorService(settings: ValidatorSettings): ServiceOptions {
  return {
    name: SERVICE_NAME,
    module: MetricsValidatorModule.forSettings(settings),
    host: settings.HIVE_HTTP_HOST,
    port: settings.HIVE_HTTP_PORT,
    logLevel: settings.HIVE_LOG_LEVEL,
    agentId: settings.HIVE_AGENT_ID,
    toProblem: problemOf,
  };
}
