import {
  MESSAGE_VERSION,
  keptInDeadLetter,
  type DeadLetterReason,
  type StreamEntry,
  type TaskEnvelope,
} from "@agent-hive/contracts";
import type { Delivery } from "./delivery.js";
import type { Reporter } from "./reports.js";
import type { DeadLetter } from "./task-stream.js";

/** An entry that cannot be processed, with the reason. */
export interface Unprocessable {
  reason: DeadLetterReason;
  message: string;
  entry: StreamEntry;
  /** Absent if the entry could not be parsed. */
  envelope?: TaskEnvelope;
  /** Absent if not all of it could be. */
  delivery?: Delivery;
}

/** @param stream its name in Redis. */
export function deadLetterOf(
  { reason, message, entry, envelope, delivery }: Unprocessable,
  stream: string,
  by: Reporter,
): DeadLetter {
  return {
    entryId: entry.id,
    ...(envelope === undefined ? {} : { envelope }),
    ...(delivery === undefined ? {} : { delivery }),
    payload: {
      version: MESSAGE_VERSION,
      reason,
      stream,
      entryId: entry.id,
      incarnation: by.incarnation,
      agentId: by.agentId,
      ...keptInDeadLetter(message, entry.fields),
    },
  };
}
