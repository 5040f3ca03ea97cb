import { commonOptions, type ServiceOptions } from "@agent-hive/service-kit";
import { SERVICE_NAME, type RouterSettings } from "./config.js";
import { RouterModule } from "./router.module.js";

/** The router as a service: what `runService` and tests start. */
export function routerService(settings: RouterSettings): ServiceOptions {
  return {
    ...commonOptions(SERVICE_NAME, settings),
    module: RouterModule.forSettings(settings),
  };
}
