import { commonOptions, type ServiceOptions } from "@agent-hive/service-kit";
import { SERVICE_NAME, type ValidatorSettings } from "./config.js";
import { problemOf } from "./http/problems.js";
import { MetricsValidatorModule } from "./metrics-validator.module.js";

/** The validator as a service: what `runService` and tests start. */
export function validatorService(settings: ValidatorSettings): ServiceOptions {
  return {
    ...commonOptions(SERVICE_NAME, settings),
    module: MetricsValidatorModule.forSettings(settings),
    toProblem: problemOf,
  };
}
