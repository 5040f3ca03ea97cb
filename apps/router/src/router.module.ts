import { Module, type DynamicModule } from "@nestjs/common";
import { AgentTypes } from "@agent-hive/contracts";
import { Health, LOGGER, PhasedShutdown, agentTypesOf } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import type { RouterSettings } from "./config.js";
import { RoutesController } from "./queries/routes.controller.js";
import { RouterProcess } from "./router-process.js";
import { RoutingTable } from "./routing/routing-table.js";

/** The router as a Nest module. */
@Module({})
export class RouterModule {
  static forSettings(settings: RouterSettings): DynamicModule {
    return {
      module: RouterModule,
      controllers: [RoutesController],
      providers: [
        { provide: AgentTypes, useFactory: () => agentTypesOf(settings) },
        { provide: RoutingTable, inject: [AgentTypes], useFactory: (types: AgentTypes) => new RoutingTable(types) },
        {
          provide: RouterProcess,
          inject: [AgentTypes, RoutingTable, LOGGER, Health, PhasedShutdown],
          useFactory: (
            agentTypes: AgentTypes,
            table: RoutingTable,
            logger: Logger,
            health: Health,
            shutdown: PhasedShutdown,
          ) => new RouterProcess(settings, { agentTypes, table, logger, health, shutdown }),
        },
      ],
    };
  }
}
