import type {
  ArtifactReference,
  DeadLetterReason,
  TaskDefinition,
  TaskError,
  TaskState,
  WorkflowState,
} from "@agent-hive/contracts";

/** JSON as text: stored, handed on and never interpreted here. */
export type JsonText = string;

/** Names one task: its workflow and its position in the order in which the tasks were submitted, from 0. */
export interface TaskKey {
  workflowId: string;
  position: number;
}

/** One attempt of one task; enough to settle its field in the in-flight index. */
export interface TaskAttempt extends TaskKey {
  agentType: string;
  attempt: number;
}

/** A task as the engine planned it. Dependencies and successors are positions. */
export interface PlannedTask {
  taskId: string;
  /** Resolved name of the agent type, e.g. `backend`. */
  agentType: string;
  handler: string;
  requires: string[];
  input: JsonText | null;
  dependsOn: number[];
  successors: number[];
  /** Length of the longest chain from this task to the end of its workflow, in the planner's unit. Longer runs first. */
  remainingPath: number;
  timeoutMs: number;
  retry: TaskDefinition["retry"];
}

/** A workflow, checked and planned, ready to be stored. */
export interface PlannedWorkflow {
  /** A UUID of version 7: ids in the order of creation keep lists and indexes in order. */
  id: string;
  name: string;
  /** 0 (last) to 9 (first). */
  priority: number;
  input: JsonText | null;
  traceparent: string;
  tracestate?: string;
  tasks: PlannedTask[];
}

/** Planned workflows as they go to PostgreSQL, made by `encodeWorkflows`. */
export interface EncodedWorkflows {
  summaries: Pick<PlannedWorkflow, "id" | "name">[];
  /** Array literals, one a parameter. */
  columns: string[];
}

/** A client's key for its request, and the SHA-256 (lower-case hex) of the request's body. */
export interface Idempotency {
  key: string;
  requestHash: string;
}

/** Free places per agent type. A type that is missing has none: its ready tasks wait in PostgreSQL. */
export type FreeRoom = Record<string, number>;

/** What submitting came to. */
export interface Submitted {
  workflows: { id: string; name: string; state: WorkflowState }[];
  /** The key was used before with the same body: these are the workflows of then, and nothing was written. */
  replayed: boolean;
  /** First tasks for which there was room: to be published. */
  dispatched: DispatchedTask[];
}

/** A task whose dispatch is committed: everything that its message needs. */
export interface DispatchedTask extends TaskAttempt {
  workflowName: string;
  taskId: string;
  handler: string;
  requires: string[];
  input: JsonText | null;
  workflowInput: JsonText | null;
  timeoutMs: number;
  crashes: number;
  crashesAlone: number;
  checkpoint: JsonText | null;
  traceparent: string;
  tracestate?: string;
}

/** How an attempt ended, ready to be stored. */
export type RecordedOutcome =
  | { status: "succeeded"; output: JsonText | null; artifact?: ArtifactReference }
  | { status: "failed"; error: TaskError; retryable: boolean; retryAfterMs?: number }
  | { status: "timed-out"; error: TaskError }
  | { status: "dead-letter"; error: TaskError };

/** One result from an agent. */
export interface ResultRow extends TaskAttempt {
  /** The task's name, for whoever is told of the result; it is not stored. */
  taskId?: string;
  outcome: RecordedOutcome;
  agentId: string;
  incarnation: string;
  entryId: string;
  /** Wall clock of the agent's machine, for display only. */
  startedAtMs: number;
  finishedAtMs: number;
  runMs: number;
}

/** A delivery that was lost with its process. */
export interface CrashRow extends TaskAttempt {
  entryId: string;
  /** Who held it. */
  incarnation: string;
  /** It was the only task in its process. */
  alone: boolean;
  /** The process crashed with it (true), or merely fell silent (false). Only crashes are counted against the task. */
  charged: boolean;
  startedAtMs: number | null;
}

/** Progress of a running attempt. */
export interface CheckpointRow extends TaskKey {
  attempt: number;
  sequence: number;
  data: JsonText;
}

/** An entry that nobody can process. */
export interface DeadLetterRow {
  reason: DeadLetterReason;
  message: string;
  stream: string;
  entryId: string;
  incarnation: string;
  agentId: string;
  fields: Record<string, string>;
  /** The attempt that the entry was to start, if it says so. */
  task: TaskAttempt | null;
}

/** What one read of the results stream held. */
export interface Batch {
  results?: ResultRow[];
  crashes?: CrashRow[];
  checkpoints?: CheckpointRow[];
  deadLetters?: DeadLetterRow[];
}

/**
 * What became of one result.
 * - `applied`: recorded just now.
 * - `duplicate`: the end of this attempt had been reported and recorded before.
 * - `cancelled`: the task was cancelled first.
 * - `fenced`: the attempt was over (superseded, timed out, declared dead) before this result came. Changes nothing (I3).
 * - `unknown`: there is no such task.
 */
export type RecordVerdict = "applied" | "duplicate" | "fenced" | "unknown" | "cancelled";

/** A task that this call moved to another state than `succeeded` or `dispatched`. */
export interface TaskChange extends TaskAttempt {
  taskId: string;
  /** `delayed`: it will be tried again. */
  state: Extract<TaskState, "delayed" | "failed" | "cancelled" | "dead">;
  /** When a delayed task is due. */
  dueAt: Date | null;
  /** It was dispatched when this happened: its message may be somewhere, its holder should be told. */
  wasDispatched: boolean;
}

/** A workflow that reached its end in this call. */
export interface FinishedWorkflow {
  id: string;
  state: Exclude<WorkflowState, "running">;
}

/** What a transaction changed. */
export interface Advance {
  /** To be published. Publishing is idempotent: after a redelivery, tasks that were returned before come again. */
  dispatched: DispatchedTask[];
  changes: TaskChange[];
  finished: FinishedWorkflow[];
  /** Fields of the in-flight index that may go: all attempts that are over. */
  settled: TaskAttempt[];
}

/** What recording a batch came to. */
export interface RecordedBatch extends Advance {
  /** One per result, in the order given. */
  verdicts: RecordVerdict[];
}

/** What cancelling came to. */
export interface Cancelled extends Advance {
  /** `not-found`; `already-finished`: it ended before, in `state`; `cancelled`: just now. */
  status: "cancelled" | "already-finished" | "not-found";
  state: WorkflowState | null;
}

/** A dispatched task whose time seems to be over. */
export interface OverdueTask extends TaskAttempt {
  timeoutMs: number;
  /** Milliseconds since its dispatch, by PostgreSQL's clock. */
  dispatchedForMs: number;
}

/** A page in the order of keys; `next` is null at the end. */
export interface Page<T> {
  tasks: T[];
  next: TaskKey | null;
}

/** A task's state and attempt. */
export interface TaskStanding {
  state: TaskState;
  attempt: number;
}

/** An output: its JSON text, or where it is. */
export type Output =
  | { kind: "inline"; output: JsonText | null }
  | { kind: "artifact"; artifact: ArtifactReference; content: Buffer }
  /** The task has not succeeded (yet). */
  | { kind: "none"; state: TaskState };

/** Counts over everything stored, from primary records. */
export interface Statistics {
  workflows: Record<WorkflowState, number>;
  tasks: { total: number; succeeded: number; failed: number; cancelled: number; dead: number; live: number };
  attempts: Record<string, number>;
  deadLetters: number;
  /** Ready tasks that wait in PostgreSQL, by agent type. */
  backlog: Record<string, number>;
}
