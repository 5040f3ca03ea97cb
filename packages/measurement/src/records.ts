/**
 * The primary records of a run: what a measurement is recomputed from. Names and states as PostgreSQL has them; times in
 * milliseconds since 1970, on PostgreSQL's clock unless said otherwise. Streams and groups without a key prefix.
 */
import type { AttemptView, HiveEvent, TaskState, VerdictKind, WorkflowState } from "@agent-hive/contracts";
import type { Act } from "./measurement.js";
import type { PublishedFigure } from "./published-figures.js";

/** One row of `workflow`. */
export interface WorkflowRecord {
  id: string;
  name: string;
  state: WorkflowState;
  createdAtMs: number;
  finishedAtMs: number | null;
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  dead: number;
  traceparent: string;
}

/** One row of `task`. */
export interface TaskRecord {
  workflowId: string;
  position: number;
  taskId: string;
  agentType: string;
  state: TaskState;
  /** Positions that wait for this task. */
  successors: number[];
  openDependencies: number;
  /** Attempts granted so far. */
  attempt: number;
  crashes: number;
  /** Of the latest attempt. */
  dispatchedAtMs: number | null;
  finishedAtMs: number | null;
}

/** One row of `attempt_history`. */
export interface AttemptRecord {
  workflowId: string;
  position: number;
  attempt: number;
  /** "" for the one end of an attempt, else names a delivery that was lost or fenced. */
  delivery: string;
  outcome: AttemptView["outcome"];
  agentId: string | null;
  incarnation: string | null;
  entryId: string | null;
  dispatchedAtMs: number | null;
  /** On the clock of the agent's machine, in whole milliseconds. */
  startedAtMs: number | null;
  /** On the same clock as the start, unless it was not an agent that ended the attempt. */
  finishedAtMs: number | null;
  runMs: number | null;
  recordedAtMs: number;
}

/** One row of `submission`. */
export interface SubmissionRecord {
  key: string;
  requestSha256: string;
  workflowIds: string[];
  /** Those of its workflows that PostgreSQL does not have. */
  missing: string[];
}

/** A verdict on a process, from the registry; its time is on the clock of whoever gave it. */
export interface VerdictRecord {
  incarnation: string;
  group: string | null;
  kind: VerdictKind;
  atMs: number;
}

/** A consumer group and its stream, seen in one look; the consumers that are registered as its members. */
export interface GroupRecord {
  group: string;
  /** Null for the groups of routers and engines. */
  agentType: string | null;
  stream: string;
  slots: number;
  /** Entries in the stream. */
  length: number;
  pending: number;
  /** Entries not delivered yet; null where Redis cannot tell. */
  lag: number | null;
  /** Pending entries of all consumers that Redis lists, registered or not. */
  heldByConsumers: number;
  /** Entries that the group had read at the beginning of the window, and at its end; null where that is not known. */
  readBefore: number | null;
  readAfter: number | null;
  members: { agentId: string; incarnation: string }[];
}

/** What the in-flight indexes say. */
export interface InFlightRecords {
  /** When their reading began. What PostgreSQL says was read later. */
  readAtMs: number;
  /** Task key → attempt in flight. */
  attempts: ReadonlyMap<string, number>;
}

/** A process on the measuring machine; time of a sample on its clock, CPU time since the process started. */
export interface ProcessRecord {
  name: string;
  service: string;
  pid: number;
  samples: { atMs: number; rssBytes: number; cpuSeconds: number }[];
}

/** What went on in one step of the window, and what was going on at its end. */
export interface StepTotals {
  /** Attempts dispatched. */
  dispatched: number;
  /** Rows of history that name a process: what came by the results stream. */
  results: number;
  /** Successes recorded. */
  succeeded: number;
  /** Attempts dispatched and not yet recorded. */
  inFlight: number;
  /** Attempts that had started and not ended. */
  running: number;
  /** Workflows created and not ended. */
  workflows: number;
}

/** Counts over all that was in the window. */
export interface RunTotals {
  workflows: number;
  /** Of these workflows. */
  tasks: number;
  /** Of these workflows: how many have ended, in the window, and how many succeeded. */
  ended: number;
  endedWithin: number;
  succeeded: number;
  /** A second, or whole seconds in a long window. */
  stepMs: number;
  /** The last one ends with the window. */
  steps: StepTotals[];
}

export interface RunRecords {
  window: { fromMs: number; toMs: number };
  /**
   * Every workflow that lived at some time in the window, with all that belongs to it; or a sample of them, and then there
   * are totals.
   */
  workflows: WorkflowRecord[];
  tasks: TaskRecord[];
  attempts: AttemptRecord[];
  /** Null where all was read one by one, and can be counted. */
  totals: RunTotals | null;
  /** Those made in the window. */
  submissions: SubmissionRecord[];
  acts: Act[];
  verdicts: VerdictRecord[];
  /** Empty where Redis could not be read. */
  groups: GroupRecord[];
  /** Null where Redis could not be read. */
  inFlight: InFlightRecords | null;
  processes: ProcessRecord[];
  /** A hint only: events are trimmed, and told only while somebody listens. */
  events: HiveEvent[];
  /** What others say of the same run. */
  published: PublishedFigure[];
  /** How far clocks may differ, rounding included. 1 on one machine. */
  clockToleranceMs: number;
  /** Whether all work is said to be over, so that what still runs is lost. */
  isAtRest: boolean;
  /** What could not be read, each a sentence. */
  absent: string[];
}
