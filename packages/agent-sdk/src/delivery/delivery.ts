import {
  parsePayload,
  parseTaskEntry,
  parseTaskKey,
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
  /** Of the task, as the envelope's key says. */
  workflowId: string;
  position: number;
  payload: TaskPayload;
  /** As they came, for a dead letter. */
  fields: Record<string, string>;
}

/** A delivery, or why the entry is none; the envelope says which task is meant if it can be read at least. */
export type ReadDelivery = Parsed<Delivery> & { envelope?: TaskEnvelope };

/** Reads an entry of an agent stream, envelope and payload. */
export function readDelivery({ id: entryId, fields }: StreamEntry): ReadDelivery {
  const read = parseTaskEntry(fields);
  if (!read.ok) return read;
  const envelope = read.value;
  const payload = parsePayload(taskPayloadSchema, envelope.payload);
  if (!payload.ok) return { ...payload, envelope };
  // The envelope's schema has checked that the key is one.
  const { workflowId, position } = parseTaskKey(envelope.taskKey)!;
  return { ok: true, value: { entryId, envelope, workflowId, position, payload: payload.value, fields } };
}
