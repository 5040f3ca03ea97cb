import { MESSAGE_VERSION, type DeadLetterReason, type StreamEntry, type TaskEnvelope } from "@agent-hive/contracts";
import type { Reporter } from "./reports.js";
import type { DeadLetter } from "./task-stream.js";

// What the contract of dead letters allows.
const FIELD_LENGTH = 16 * 1024;
const MESSAGE_LENGTH = 8192;

/** An entry that cannot be processed, with the reason. */
export interface Unprocessable {
  reason: DeadLetterReason;
  message: string;
  entry: StreamEntry;
  /** Absent if the entry could not be parsed. */
  envelope?: TaskEnvelope;
}

/** @param stream its name in Redis. */
export function deadLetterOf(
  { reason, message, entry, envelope }: Unprocessable,
  stream: string,
  by: Reporter,
): DeadLetter {
  const cut = ([name, value]: [string, string]) => [name, value.slice(0, FIELD_LENGTH)];
  return {
    entryId: entry.id,
    ...(envelope === undefined ? {} : { envelope }),
    payload: {
      version: MESSAGE_VERSION,
      reason,
      message: message.slice(0, MESSAGE_LENGTH),
      stream,
      entryId: entry.id,
      incarnation: by.incarnation,
      agentId: by.agentId,
      fields: Object.fromEntries(Object.entries(entry.fields).map(cut)),
    },
  };
}
