import {
  MESSAGE_VERSION,
  type DeadLetterPayload,
  type DeadLetterReason,
  type StreamEntry,
} from "@agent-hive/contracts";
import type { MemberIdentity } from "@agent-hive/streams";

/** Limits of the schema of dead letters, in characters: what is longer is cut. */
const LONGEST_MESSAGE = 8_192;
const LONGEST_FIELD = 16_384;

/** JSON of the dead letter that says why an entry of a stream was set aside, by whom, and what stood in it. */
export function deadLetterPayload(
  entry: StreamEntry,
  why: { reason: DeadLetterReason; message: string },
  where: { stream: string; by: MemberIdentity },
): string {
  const payload: DeadLetterPayload = {
    version: MESSAGE_VERSION,
    reason: why.reason,
    message: why.message.slice(0, LONGEST_MESSAGE),
    stream: where.stream,
    entryId: entry.id,
    incarnation: where.by.incarnation,
    agentId: where.by.agentId,
    fields: Object.fromEntries(
      Object.entries(entry.fields).map(([name, value]) => [name, value.slice(0, LONGEST_FIELD)]),
    ),
  };
  return JSON.stringify(payload);
}
