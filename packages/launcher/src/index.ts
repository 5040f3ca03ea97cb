export { cacheFolder } from "./cache-folder.js";
export { HiveLauncher, type HiveLauncherOptions } from "./hive/hive-launcher.js";
export { readHiveState, type HiveState } from "./hive/hive-state.js";
export {
  AGENT_SERVICES,
  VALIDATOR_SERVICE,
  agentService,
  defaultServices,
  type AgentType,
  type CoreService,
  type Counts,
  type ServiceSpec,
} from "./hive/service-spec.js";
export { LauncherError, type LauncherErrorCode } from "./launcher-error.js";
export { freePort, freePorts } from "./processes/free-ports.js";
export { ManagedProcess, type ProcessExit, type ProcessSpec, type ProcessState } from "./processes/managed-process.js";
export { ProcessSupervisor, type ProcessInfo, type SupervisedSpec } from "./processes/process-supervisor.js";
export { Reaper } from "./processes/reaper.js";
export { EmbeddedPostgres } from "./stores/embedded-postgres.js";
export { EmbeddedRedis } from "./stores/embedded-redis.js";
export { EmbeddedStores, type EmbeddedStoresOptions } from "./stores/embedded-stores.js";
export { findRedis, type RedisBinary } from "./stores/redis-binary.js";
