import type { DeadLetterPayload, Outcome, TaskEnvelope } from "@agent-hive/contracts";
import type { Delivery } from "./delivery.js";

/** What an earlier delivery or attempt saved. */
interface SavedCheckpoint {
  attempt: number;
  sequence: number;
  /** JSON. */
  data: string;
}

/** What beginning a delivery comes to. */
export type BeginReply =
  | {
      status: "begun";
      /** Crashes charged in Redis; the payload may know of older ones. */
      crashes: number;
      crashesAlone: number;
      checkpoint?: SavedCheckpoint;
    }
  /** Superseded, settled or cancelled: the entry is gone. */
  | { status: "stale" }
  /** Another consumer owns the entry. */
  | { status: "lost" };

/** The end of a delivery, ready to be sent. */
export interface Report {
  delivery: Delivery;
  /** JSON of a `ResultPayload`. */
  payload: string;
  /** The context that the result carries. */
  traceparent: string;
  run: DeliveryRun;
}

/** How a delivery ran in this process, for its span. */
export interface DeliveryRun {
  /** Trace context of the span. */
  context: string;
  /** Wall clock, in milliseconds since 1970. */
  startMs: number;
  runMs: number;
  outcome: Outcome["status"];
  error?: { type: string; message: string };
}

/** An entry set aside. */
export interface DeadLetter {
  entryId: string;
  /** Absent if the entry could not be parsed. */
  envelope?: TaskEnvelope;
  /** Absent if not all of it could be. */
  delivery?: Delivery;
  payload: DeadLetterPayload;
}

/**
 * What the loop asks of its stream. Every method is one or a few scripts that check ownership, and rejects if Redis
 * does not answer in time: it may or may not have happened then, and asking again is safe.
 */
export interface TaskStream {
  /** The stream's name in Redis. */
  readonly name: string;
  /** Marks deliveries as started by this process. */
  begin(deliveries: readonly Delivery[], alone: boolean): Promise<BeginReply[]>;
  /** Adds the results and acknowledges the entries, of those that are still ours. */
  complete(reports: readonly Report[]): Promise<("completed" | "lost")[]>;
  /** Hands an entry to the engine, which keeps it, and acknowledges it. */
  deadLetter(letter: DeadLetter): Promise<"dead-lettered" | "stale" | "lost">;
  /** Stores progress; sequence numbers that are not the greatest are ignored. */
  saveCheckpoint(delivery: Delivery, sequence: number, json: string): Promise<"saved" | "lost">;
}
