/** The history of a workflow: at most one end for each attempt (I2), and beside it what befell single deliveries. */
import type { Failure, Task } from "./task.js";

export type AttemptOutcome =
  | "succeeded"
  | "failed"
  | "timed-out"
  | "dead-letter"
  | "cancelled"
  /** The process that ran it died, or fell silent. */
  | "crashed"
  | "frozen"
  /** Its message was lost with Redis. */
  | "lost"
  /** Its result came after it had lost its right. */
  | "fenced";

/** What an agent says of an attempt that it ran, and which delivery it was. Its times are for display only. */
export interface Report {
  readonly agentId: string;
  readonly incarnation: string;
  readonly entryId: string;
  /** Where the entry is. */
  readonly stream: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly runMs: number;
}

/** One line of history; what is not known of it is missing. */
export interface AttemptRecord extends Partial<Omit<Report, "stream">> {
  readonly position: number;
  readonly attempt: number;
  /** `""` for the end of the attempt; else what befell which delivery, so that hearing of it again adds nothing. */
  readonly delivery: string;
  readonly outcome: AttemptOutcome;
  readonly dispatchedAt?: number | null;
  readonly recordedAt: number;
  readonly failure?: Failure;
}

/** Names a delivery in the history. */
export function deliveryOf(
  fate: Extract<AttemptOutcome, "crashed" | "frozen" | "fenced">,
  { entryId = "", incarnation = "" }: { entryId?: string; incarnation?: string },
): string {
  return `${fate} ${entryId} ${incarnation}`;
}

/** The end of a dispatched task's current attempt. */
export function endOf(
  task: Task,
  position: number,
  end: Omit<AttemptRecord, "position" | "attempt" | "delivery" | "dispatchedAt">,
): AttemptRecord {
  return { position, attempt: task.attempt, delivery: "", dispatchedAt: task.dispatchedAt, ...end };
}
