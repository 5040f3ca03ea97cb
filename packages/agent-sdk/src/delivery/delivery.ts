import {
  parsePayload,
  parseTaskEntry,
  taskKeyOf,
  taskPayloadSchema,
  type Parsed,
  type StreamEntry,
  type TaskEnvelope,
  type TaskPayload,
} from "@agent-hive/contracts";

/** One handing of a task to this process: the entry, taken apart. */
export interface Delivery {
  entryId: string;
  envelope: TaskEnvelope;
  payload: TaskPayload;
  /** As they came, for a dead letter. */
  fields: Record<string, string>;
}

/** A delivery, or why the entry is none; the envelope says which task is meant if it can be read at least. */
export type ReadDelivery = Parsed<Delivery> & { envelope?: TaskEnvelope };

/** Reads an entry of an agent stream, envelope and payload. */
export function readDelivery(entry: StreamEntry): ReadDelivery {
  const envelope = parseTaskEntry(entry.fields);
  if (!envelope.ok) return envelope;
  const payload = parsePayload(taskPayloadSchema, envelope.value.payload);
  if (!payload.ok) return { ...payload, envelope: envelope.value };
  const mismatch = disagreement(envelope.value, payload.value);
  if (mismatch !== undefined) return { ok: false, reason: mismatch, envelope: envelope.value };
  return {
    ok: true,
    value: { entryId: entry.id, envelope: envelope.value, payload: payload.value, fields: entry.fields },
  };
}

/** Scripts go by the envelope and handlers by the payload: they must be about the same attempt. */
function disagreement(envelope: TaskEnvelope, payload: TaskPayload): string | undefined {
  const taskKey = taskKeyOf(payload.workflowId, payload.position);
  if (envelope.taskKey === taskKey && envelope.attempt === payload.attempt) return undefined;
  return `the envelope is about ${envelope.taskKey} attempt ${envelope.attempt}, the payload about ${taskKey} attempt ${payload.attempt}`;
}
