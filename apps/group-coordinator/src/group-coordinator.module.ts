import { Module, type DynamicModule } from "@nestjs/common";
import { AgentTypes } from "@agent-hive/contracts";
import { Health, LOGGER, PhasedShutdown, agentTypesOf } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import type { CoordinatorSettings } from "./config.js";
import { ConsumerGroupCoordinator } from "./consumer-group-coordinator.js";
import { CoordinatorController } from "./queries/coordinator.controller.js";
import { CoordinatorQueries } from "./queries/coordinator-queries.js";

/** The coordinator as a Nest module. */
@Module({})
export class GroupCoordinatorModule {
  static forSettings(settings: CoordinatorSettings): DynamicModule {
    return {
      module: GroupCoordinatorModule,
      controllers: [CoordinatorController],
      providers: [
        { provide: AgentTypes, useFactory: () => agentTypesOf(settings) },
        {
          provide: ConsumerGroupCoordinator,
          inject: [AgentTypes, LOGGER, Health, PhasedShutdown],
          useFactory: (agentTypes: AgentTypes, logger: Logger, health: Health, shutdown: PhasedShutdown) =>
            new ConsumerGroupCoordinator(settings, { agentTypes, logger, health, shutdown }),
        },
        {
          provide: CoordinatorQueries,
          inject: [ConsumerGroupCoordinator],
          useFactory: (coordinator: ConsumerGroupCoordinator) => coordinator.queries,
        },
      ],
    };
  }
}
