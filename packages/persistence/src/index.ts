export { breakConnections, createDataSource, createPool, poolOf, type DatabaseOptions } from "./database.js";
export { DatabaseAwayError, DatabaseWatch, type DatabaseState } from "./database-watch.js";
export { EpochStore, type StoredEpoch } from "./epoch-store.js";
export { ArtifactMismatchError, IdempotencyConflictError, SchemaForbiddenError, SchemaTooNewError } from "./errors.js";
export { SCHEMA_VERSION, inspectSchema, type SchemaInspection } from "./inspect-schema.js";
export { runMigrations } from "./migrate.js";
export { successorsOf } from "./recording.js";
export { schemaFingerprint } from "./sql.js";
export { WorkflowQueries, type PageRequest } from "./workflow-queries.js";
export { WorkflowRecords, type AttemptRecord, type TaskRecord, type WorkflowRecord } from "./workflow-records.js";
export { WorkflowStore, type WorkflowStoreOptions } from "./workflow-store.js";
export type {
  Advance,
  Batch,
  Cancelled,
  CheckpointRow,
  CrashRow,
  DeadLetterRow,
  DispatchedTask,
  EncodedWorkflows,
  FinishedWorkflow,
  FreeRoom,
  Idempotency,
  Output,
  OverdueTask,
  Page,
  RecordVerdict,
  RecordedBatch,
  RecordedOutcome,
  ResultRow,
  Statistics,
  Submitted,
  TaskAttempt,
  TaskChange,
  TaskKey,
  TaskStanding,
} from "./types.js";
