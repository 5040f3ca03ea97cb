/**
 * Finds the task that kills its process without blaming what merely ran beside it. A delivery that had started when
 * its process died is charged; a charged task is a suspect and runs alone from then on; only crashes while alone,
 * which nothing else can have caused, make it a dead letter.
 */

/** Crashes charged to one task, kept in PostgreSQL (counters in Redis end with the stream). */
export interface CrashHistory {
  /** Crashes of a process in which a delivery of this task had started. */
  readonly crashes: number;
  /** Those among them in which it was the only one running. */
  readonly crashesAlone: number;
}

export type DeliveryDecision = "run" | "run-alone" | "dead-letter";

/** Crashes alone that prove a task to be the cause rather than a witness of a bad host. */
export const MAX_CRASHES_ALONE = 3;

/** The history after the process holding this delivery crashed. What had not started is not charged. */
export function chargeCrash(history: CrashHistory, delivery: { started: boolean; alone: boolean }): CrashHistory {
  if (!delivery.started) return history;
  return {
    crashes: history.crashes + 1,
    crashesAlone: history.crashesAlone + (delivery.alone ? 1 : 0),
  };
}

/** How a task with this history is to be delivered next. */
export function decideDelivery(history: CrashHistory): DeliveryDecision {
  if (history.crashesAlone >= MAX_CRASHES_ALONE) return "dead-letter";
  return history.crashes > 0 ? "run-alone" : "run";
}
