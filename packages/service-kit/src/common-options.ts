import type { ServiceOptions } from "./run-service.js";
import type { SettingsOf } from "./settings/index.js";

/** What every service reads. */
type CommonSettings = Pick<
  SettingsOf<"router">,
  | "HIVE_HTTP_HOST"
  | "HIVE_HTTP_PORT"
  | "HIVE_LOG_LEVEL"
  | "HIVE_AGENT_ID"
  | "HIVE_API_KEYS_FILE"
  | "OTEL_EXPORTER_OTLP_ENDPOINT"
>;
type CommonOptions = Pick<
  ServiceOptions,
  "name" | "host" | "port" | "logLevel" | "agentId" | "apiKeysFile" | "otlpEndpoint"
>;

/** The part of a service's options that its settings say. */
export function commonOptions(
  name: string,
  settings: Omit<CommonSettings, "OTEL_EXPORTER_OTLP_ENDPOINT"> & Partial<CommonSettings>,
): CommonOptions {
  return {
    name,
    host: settings.HIVE_HTTP_HOST,
    port: settings.HIVE_HTTP_PORT,
    logLevel: settings.HIVE_LOG_LEVEL,
    agentId: settings.HIVE_AGENT_ID,
    apiKeysFile: settings.HIVE_API_KEYS_FILE,
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
