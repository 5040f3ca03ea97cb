export { reconnectDelayMs } from "./backoff.js";
export { CommandTimeoutError, ConnectionLostError, DeclaredDeadError, EpochChangedError } from "./errors.js";
export { GroupConsumer, type GroupConsumerOptions } from "./group-consumer.js";
export { DEFAULT_HEARTBEAT_MS, HiveMember, type HiveMemberOptions, type RenewalReason } from "./hive-member.js";
export type { RunningTask } from "./heartbeat-protocol.js";
export { COORDINATOR_SERVICE, PEER_INTERVAL_MS, PeerWatch, type Death, type PeerWatchOptions } from "./peer-watch.js";
export { RedisConnection, type ConnectionIdentity, type RedisConnectionOptions } from "./redis-connection.js";
export { RedisStreamsManager, type RedisStreamsManagerOptions } from "./redis-streams-manager.js";
export { scriptNameOf } from "./scripts.js";
export type { MembershipReply } from "./registry.js";
export type {
  AgentGroupAddress,
  BeginBatch,
  BeginOutcome,
  CheckpointEntry,
  ClaimReport,
  ClaimRequest,
  CompleteBatch,
  CompleteOutcome,
  CrashedDelivery,
  DeadLetterEntry,
  DeadLetterOutcome,
  DeathSentence,
  DeclareOutcome,
  GroupAddress,
  GroupInfo,
  InFlightPage,
  LostWork,
  MemberIdentity,
  PresentConnections,
  PublishBatch,
  PublishReport,
  RouteBatch,
  RouteOutcome,
  RoutedEntry,
  RoutedTask,
  RouteReport,
  SavedCheckpoint,
  SettledTask,
  SourceEntries,
  TaskResult,
  TaskStart,
} from "./types.js";
