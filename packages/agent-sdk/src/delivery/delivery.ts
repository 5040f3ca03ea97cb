import {
  parsePayload,
  parseTaskEntry,
  taskKeyOf,
  taskPayloadSchema,
  type Parsed,
  type StreamEntry,
  type TaskEntry,
  type TaskPayload,
} from "@agent-hive/contracts";

/** One handing of a task to this process: the entry, taken apart. */
export interface Delivery {
  entryId: string;
  envelope: TaskEntry;
  payload: TaskPayload;
  /** As they came, for a dead letter. */
  fields: Record<string, string>;
}

/** Reads an entry of an agent stream, envelope and payload. */
export function readDelivery(entry: StreamEntry): Parsed<Delivery> {
  const envelope = parseTaskEntry(entry.fields);
  if (!envelope.ok) return envelope;
  const payload = parsePayload(taskPayloadSchema, envelope.value.payload);
  if (!payload.ok) return payload;
  const mismatch = disagreement(envelope.value, payload.value);
  if (mismatch !== undefined) return { ok: false, reason: mismatch };
  return { ok: true, value: { entryId: entry.id, envelope: envelope.value, payload: payload.value, fields: entry.fields } };
}

/** Scripts go by the envelope and handlers by the payload: they must be about the same attempt. */
function disagreement(envelope: TaskEntry, payload: TaskPayload): string | undefined {
  const taskKey = taskKeyOf(payload.workflowId, payload.position);
  if (envelope.taskKey === taskKey && envelope.attempt === payload.attempt) return undefined;
  return `the envelope is about ${envelope.taskKey} attempt ${envelope.attempt}, the payload about ${taskKey} attempt ${payload.attempt}`;
}
