import { Module, type DynamicModule } from "@nestjs/common";
import { AgentTypes } from "@agent-hive/contracts";
import { Health, LOGGER, PhasedShutdown, agentTypesOf } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import type { ValidatorSettings } from "./config.js";
import { PerformanceValidator } from "./performance-validator.js";
import { LiveController } from "./runs/live.controller.js";
import { RunsController } from "./runs/runs.controller.js";
import { ValidatorProcess } from "./validator-process.js";

/** The metrics validator as a Nest module. */
@Module({})
export class MetricsValidatorModule {
  static forSettings(settings: ValidatorSettings): DynamicModule {
    return {
      module: MetricsValidatorModule,
      controllers: [RunsController, LiveController],
      providers: [
        { provide: AgentTypes, useFactory: () => agentTypesOf(settings) },
        {
          provide: ValidatorProcess,
          inject: [AgentTypes, LOGGER, Health, PhasedShutdown],
          useFactory: (agentTypes: AgentTypes, logger: Logger, health: Health, shutdown: PhasedShutdown) =>
            new ValidatorProcess(settings, { agentTypes, logger, health, shutdown }),
        },
        {
          provide: PerformanceValidator,
          inject: [ValidatorProcess],
          useFactory: (process: ValidatorProcess) => process.validator,
        },
      ],
    };
  }
}
