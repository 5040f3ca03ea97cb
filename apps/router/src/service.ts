import type { ServiceOptions } from "@agent-hive/service-kit";
import { SERVICE_NAME, type RouterSettings } from "./config.js";
import { RouterModule } from "./router.module.js";

/** The router as a service: what `runService` and tests start. */
export function routerService(settings: RouterSettings): ServiceOptions {
  return {
    name: SERVICE_NAME,
    module: RouterModule.forSettings(settings),
    host: settings.HIVE_HTTP_HOST,
    port: settings.HIVE_HTTP_PORT,
    logLevel: settings.HIVE_LOG_LEVEL,
    agentId: settings.HIVE_AGENT_ID,
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
