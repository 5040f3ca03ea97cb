/** A task of a running workflow: its state, and what goes with every state. Times are milliseconds since 1970, PostgreSQL's. */
import type { CrashHistory } from "../poison/poison.js";

/** Why a task failed or was set aside. */
export interface Failure {
  /** Stable, for programs. */
  readonly code: string;
  /** For people. */
  readonly message: string;
}

/** Progress of an attempt, from which a later one may resume. */
export interface Checkpoint {
  /** The attempt that made it; of two checkpoints that of the later attempt is newer. */
  readonly attempt: number;
  /** Counted within the attempt. */
  readonly sequence: number;
  readonly data: string;
}

/** What is true of a task; each variant holds only what is true in it. */
export type TaskState =
  /** Some dependencies have no recorded result yet. */
  | { readonly status: "waiting"; readonly openDependencies: number }
  /** May run, and waits in PostgreSQL for room in its group's window. */
  | { readonly status: "ready" }
  /** Failed, and is tried again at `dueAt` . */
  | { readonly status: "delayed"; readonly dueAt: number }
  /** Handed to Redis: the attempt `task.attempt` may be recorded, no other. */
  | { readonly status: "dispatched" }
  | { readonly status: "succeeded"; readonly output: unknown; readonly finishedAt: number }
  /** Out of attempts, or failed in a way that repeating cannot help. */
  | { readonly status: "failed"; readonly failure: Failure; readonly finishedAt: number }
  /** Its workflow was cancelled or failed before it was done. */
  | { readonly status: "cancelled"; readonly finishedAt: number }
  /** Set aside as a dead letter. */
  | { readonly status: "dead"; readonly failure: Failure; readonly finishedAt: number };

export type TaskStatus = TaskState["status"];

export type Task = TaskState & TaskRecord;

/** What a task keeps through all its states. */
export interface TaskRecord extends CrashHistory {
  readonly id: string;
  /** The attempt granted last; 0 before the first. Only ever grows: it is the fencing value (I3). */
  readonly attempt: number;
  /** Attempts that failed by their own fault (failure, timeout); interruptions and lost transport are not charged. */
  readonly charged: number;
  /** When the attempt granted last was granted; null before the first. */
  readonly dispatchedAt: number | null;
  /** The newest; null before the first. */
  readonly checkpoint: Checkpoint | null;
  /** Why the last attempt that was recorded did not succeed; null if it did, or there is none. */
  readonly failure: Failure | null;
}

/** A task in one given status. */
export type TaskIn<S extends TaskStatus> = Extract<Task, { readonly status: S }>;

/** Statuses that nothing leaves. */
export const TERMINAL_TASK_STATUSES = ["succeeded", "failed", "cancelled", "dead"] as const satisfies TaskStatus[];

export type TerminalTaskStatus = (typeof TERMINAL_TASK_STATUSES)[number];

/** Whether nothing more can happen to a task in this status. */
export function isTerminal(status: TaskStatus): status is TerminalTaskStatus {
  return (TERMINAL_TASK_STATUSES as readonly TaskStatus[]).includes(status);
}
