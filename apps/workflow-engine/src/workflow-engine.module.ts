import { Module, type DynamicModule, type FactoryProvider, type Type } from "@nestjs/common";
import { AgentTypes } from "@agent-hive/contracts";
import { DatabaseWatch, WorkflowQueries, WorkflowStore } from "@agent-hive/persistence";
import { Health, LOGGER, PhasedShutdown, agentTypesOf } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { GroupWindows } from "./advancing/group-windows.js";
import { WorkflowStateManager } from "./advancing/workflow-state-manager.js";
import { ArtifactsController } from "./artifacts/artifacts.controller.js";
import { CancelController } from "./cancelling/cancel.controller.js";
import { WorkflowCanceller } from "./cancelling/workflow-canceller.js";
import type { EngineSettings } from "./config.js";
import { Engine } from "./engine.js";
import { EventFeed } from "./events/event-feed.js";
import { EventsController } from "./events/events.controller.js";
import { DeadLettersController } from "./queries/dead-letters.controller.js";
import { StatisticsController } from "./queries/statistics.controller.js";
import { WorkflowsController } from "./queries/workflows.controller.js";
import { SubmissionController } from "./submission/submission.controller.js";
import { WorkflowSubmitter } from "./submission/workflow-submitter.js";

/** The engine as a Nest module: its controllers, and what they use of it. */
@Module({})
export class WorkflowEngineModule {
  static forSettings(settings: EngineSettings): DynamicModule {
    return {
      module: WorkflowEngineModule,
      controllers: [
        SubmissionController,
        WorkflowsController,
        CancelController,
        EventsController,
        DeadLettersController,
        StatisticsController,
        ArtifactsController,
      ],
      providers: [
        { provide: AgentTypes, useFactory: () => agentTypesOf(settings) },
        {
          provide: Engine,
          inject: [AgentTypes, LOGGER, Health, PhasedShutdown],
          useFactory: (agentTypes: AgentTypes, logger: Logger, health: Health, shutdown: PhasedShutdown) =>
            new Engine(settings, { agentTypes, logger, health, shutdown }),
        },
        part(WorkflowSubmitter, (engine) => engine.submitter),
        part(WorkflowCanceller, (engine) => engine.canceller),
        part(DatabaseWatch, (engine) => engine.database),
        part(WorkflowQueries, (engine) => engine.queries),
        part(WorkflowStore, (engine) => engine.store),
        part(WorkflowStateManager, (engine) => engine.state),
        part(GroupWindows, (engine) => engine.windows),
        part(EventFeed, (engine) => engine.feed),
      ],
    };
  }
}

/** Makes a part of the engine known by its class. */
const part = <Part>(type: Type<Part>, of: (engine: Engine) => Part): FactoryProvider<Part> => ({
  provide: type,
  inject: [Engine],
  useFactory: of,
});
