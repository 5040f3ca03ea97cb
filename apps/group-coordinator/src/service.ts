import type { ServiceOptions } from "@agent-hive/service-kit";
import { COORDINATOR_SERVICE } from "@agent-hive/streams";
import type { CoordinatorSettings } from "./config.js";
import { GroupCoordinatorModule } from "./group-coordinator.module.js";

/** The coordinator as a service: what `runService` and tests start. */
export function coordinatorService(settings: CoordinatorSettings): ServiceOptions {
  return {
    name: COORDINATOR_SERVICE,
    module: GroupCoordinatorModule.forSettings(settings),
    host: settings.HIVE_HTTP_HOST,
    port: settings.HIVE_HTTP_PORT,
    logLevel: settings.HIVE_LOG_LEVEL,
    agentId: settings.HIVE_AGENT_ID,
  };
}
