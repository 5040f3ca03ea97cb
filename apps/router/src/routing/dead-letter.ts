import {
  MESSAGE_VERSION,
  keptInDeadLetter,
  type DeadLetterPayload,
  type DeadLetterReason,
  type StreamEntry,
} from "@agent-hive/contracts";
import type { MemberIdentity } from "@agent-hive/streams";

/** JSON of the dead letter that says why an entry of a stream was set aside, by whom, and what stood in it. */
export function deadLetterPayload(
  entry: StreamEntry,
  why: { reason: DeadLetterReason; message: string },
  where: { stream: string; by: MemberIdentity },
): string {
  const payload: DeadLetterPayload = {
    version: MESSAGE_VERSION,
    reason: why.reason,
    stream: where.stream,
    entryId: entry.id,
    incarnation: where.by.incarnation,
    agentId: where.by.agentId,
    ...keptInDeadLetter(why.message, entry.fields),
  };
  return JSON.stringify(payload);
}
