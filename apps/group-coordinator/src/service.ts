import { commonOptions, type ServiceOptions } from "@agent-hive/service-kit";
import { COORDINATOR_SERVICE } from "@agent-hive/streams";
import type { CoordinatorSettings } from "./config.js";
import { GroupCoordinatorModule } from "./group-coordinator.module.js";

/** The coordinator as a service: what `runService` and tests start. */
export function coordinatorService(settings: CoordinatorSettings): ServiceOptions {
  return {
    ...commonOptions(COORDINATOR_SERVICE, settings),
    module: GroupCoordinatorModule.forSettings(settings),
  };
}
