import type { HiveEvent, ResultEnvelope, StreamEntry, TaskEntry } from "@agent-hive/contracts";

/*
 * What the manager takes and gives. Names of streams are always those in Redis, with their prefix, as `createKeys`
 * makes them. Payloads are JSON text: parsing belongs to the callers, through contracts.
 */

/** Who acts: the life of a process on whose behalf a script writes. */
export interface MemberIdentity {
  /** Also the name of its consumer in its group. */
  incarnation: string;
  agentId: string;
  service: string;
  group?: string;
}

/** A consumer group on a stream. */
export interface GroupAddress {
  stream: string;
  group: string;
}

/** The group of an agent type: its tasks are in the in-flight index of that type. */
export interface AgentGroupAddress extends GroupAddress {
  agentType: string;
}

/** Input entries of one batch: what is published for them is published only while the publisher owns all of them. */
export interface SourceEntries extends GroupAddress {
  /** At most 1,000. */
  ids: string[];
}

/** An attempt that PostgreSQL has recorded the end of: its field in the in-flight index goes. */
export interface SettledTask {
  agentType: string;
  taskKey: string;
  attempt: number;
}

export interface PublishBatch {
  /** Acknowledged and deleted once everything else of the batch is published; absent for a plain publish. */
  source?: SourceEntries;
  settled: SettledTask[];
  /** Published to the dispatch stream, unless the index has the task at this attempt or a newer one. */
  tasks: TaskEntry[];
  /** One entry of the events stream, best effort. */
  events: HiveEvent[];
  /** Agent types to count in flight, besides those of `settled` and `tasks`. */
  counts?: string[];
}

export interface PublishReport {
  /** `lost`: another owns (some of) the input entries now. Nothing was acknowledged; the new owner does it all again. */
  status: "ok" | "lost";
  /** Tasks that were not in flight before. */
  published: number;
  /** Tasks in flight by agent type, right after. */
  inFlight: Record<string, number>;
}

/** A task on its way from the dispatch stream to the stream of its group. */
export interface RoutedTask {
  /** The agent stream to add it to. */
  stream: string;
  task: Omit<TaskEntry, "capabilities">;
}

/** An entry of the dispatch stream, and where its tasks go; without tasks it is only acknowledged. */
export interface RoutedEntry {
  entryId: string;
  tasks: RoutedTask[];
}

export type RouteOutcome = "routed" | "stale" | "lost";

/** An entry that nobody can process; the engine keeps it. What did not parse has neither task nor trace. */
export interface DeadLetterEntry {
  entryId: string;
  /** Whether the entry stays pending: only one of the tasks that it carries is set aside. Default false. */
  keepsEntry?: boolean;
  /** JSON of a `DeadLetterPayload`. */
  payload: string;
  agentType?: string;
  taskKey?: string;
  attempt?: number;
  traceparent?: string;
  tracestate?: string;
}

/** `stale`: its attempt is not the current one; the entry is gone and no dead letter was written. */
export type DeadLetterOutcome = "dead-lettered" | "stale" | "lost";

export interface RouteBatch {
  routed: RoutedEntry[];
  deadLetters: DeadLetterEntry[];
}

export interface RouteReport {
  /** One outcome a task, in the order of the entries and their tasks. */
  routed: RouteOutcome[];
  deadLetters: DeadLetterOutcome[];
}

/** A task about to run. */
export interface TaskStart {
  entryId: string;
  taskKey: string;
  attempt: number;
  /** Whether nothing else runs in the process: a crash now can have no other cause. */
  alone: boolean;
}

export interface BeginBatch extends AgentGroupAddress {
  tasks: TaskStart[];
  /** Wall clock, milliseconds since 1970, for display. */
  startedAtMs: number;
}

/** What an earlier delivery or attempt saved. */
export interface SavedCheckpoint {
  attempt: number;
  sequence: number;
  /** JSON. */
  data: string;
}

export type BeginOutcome =
  | {
      status: "begun";
      /** Deliveries of the task that took their process with them, as Redis has counted; 0 if it never did. The payload
       * may know of more: take the larger. */
      crashes: number;
      /** Of those, the ones alone in their process. */
      crashesAlone: number;
      checkpoint?: SavedCheckpoint;
    }
  /** The attempt is superseded, done or settled; its entry is gone. */
  | { status: "stale" }
  /** Another owns the entry. */
  | { status: "lost" };

/** The end of one attempt. */
export interface TaskResult extends ResultEnvelope {
  entryId: string;
}

export interface CompleteBatch extends AgentGroupAddress {
  results: TaskResult[];
}

/** `lost`: not owned, or not the current attempt; no result was written. */
export type CompleteOutcome = "completed" | "lost";

export interface CheckpointEntry extends AgentGroupAddress {
  entryId: string;
  taskKey: string;
  attempt: number;
  /** Grows within an attempt; an older one never replaces a newer one. */
  sequence: number;
  /** JSON of what the handler saved. */
  data: string;
  /** JSON of a `CheckpointPayload`. */
  payload: string;
  traceparent: string;
  tracestate?: string;
}

export interface ClaimRequest extends GroupAddress {
  /** Given for an agent group: deliveries that had started are charged as crashes. */
  agentType?: string;
  /** At most so many entries, ≤ 100. */
  count: number;
}

/** A delivery that had started in a process that is dead. */
export interface CrashedDelivery {
  entryId: string;
  incarnation: string;
  /** Whether the task was charged with it. */
  charged: boolean;
}

export interface ClaimReport {
  /** Owned by the caller now. */
  entries: StreamEntry[];
  crashed: CrashedDelivery[];
  /** Dead consumers that may still have entries. */
  remaining: number;
}

/** A page of an in-flight index. */
export interface InFlightPage {
  /** "0" after the last page. */
  cursor: string;
  fields: { taskKey: string; value: string }[];
}

/** Connections of a Redis server. Ids mean nothing without its run id. */
export interface PresentConnections {
  runId: string;
  present: Set<string>;
}

/** A group as Redis sees it. */
export interface GroupInfo {
  /** Whether stream and group exist. */
  exists: boolean;
  /** Entries in the stream: waiting or in work. */
  length: number;
  /** Delivered, not yet acknowledged. */
  pending: number;
  consumers: { name: string; pending: number }[];
}

/** What a verdict rests on; it is carried out only if this is still so. */
export interface DeathSentence {
  incarnation: string;
  kind: "crashed" | "frozen";
  /** For people. */
  evidence: string;
  /** The connections that it was registered with when it was judged. */
  connections: readonly string[];
  /** The heartbeat counter that it was judged by. */
  heartbeatCounter: number;
  /** The term of the coordinator that leads; absent when peers watch each other. */
  term?: number;
}

/** `changed`: it has reconnected or its heart beats since. `gone`: it is not registered. `superseded`: a newer leader. */
export type DeclareOutcome = "declared" | "changed" | "gone" | "superseded";

/** How an absent stream's work is found again: see `RedisStreamsManager.ensureGroup`. */
export interface LostWork {
  /** `open`: tasks on their way to an agent. `done`: results on their way to the engine. */
  state: "open" | "done";
  agentTypes: string[];
  /** Other streams in which an open task of these types can be. */
  alsoIn: string[];
}
