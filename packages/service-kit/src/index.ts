export { agentTypesOf } from "./agent-types-file.js";
export { Health, type HealthCheck, type HealthReport } from "./health.js";
export { PhasedShutdown, SHUTDOWN_PHASES, type ShutdownPhase } from "./phased-shutdown.js";
export { ProblemError, type ProblemCode, type ProblemDetail, type ProblemOptions } from "./problem.js";
export { type ProblemTranslation } from "./problem.filter.js";
export { Recurring, type RecurringOptions } from "./recurring.js";
export { runService, startService, type RunningService, type ServiceOptions } from "./run-service.js";
export { LOGGER, ServiceCoreModule } from "./service-core.module.js";
export { readSettings, SettingsError, type SettingSources, type SettingsOf } from "./settings/index.js";
