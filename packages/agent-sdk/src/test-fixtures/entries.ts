import {
  MESSAGE_VERSION,
  taskEntryFields,
  taskKeyOf,
  type StreamEntry,
  type TaskEntry,
  type TaskPayload,
} from "@agent-hive/contracts";
import { newTraceparent } from "@agent-hive/telemetry";
import { randomUUID } from "node:crypto";
import { readDelivery, type Delivery } from "../delivery/delivery.js";

let lastEntry = 0;

/** A task as the engine publishes it; a test says what it is about. */
export function taskEntry(about: Partial<TaskPayload> = {}): TaskEntry {
  const payload: TaskPayload = {
    version: MESSAGE_VERSION,
    workflowId: randomUUID(),
    workflowName: "test",
    taskId: "rank",
    position: 0,
    attempt: 1,
    agentType: "backend",
    handler: "noop",
    input: null,
    workflowInput: null,
    timeoutMs: 600_000,
    idempotencyKey: randomUUID(),
    crashes: 0,
    crashesAlone: 0,
    ...about,
  };
  return {
    agentType: payload.agentType,
    taskKey: taskKeyOf(payload.workflowId, payload.position),
    attempt: payload.attempt,
    capabilities: [payload.handler],
    payload: JSON.stringify(payload),
    traceparent: newTraceparent(),
  };
}

/** The same as it comes out of a stream. */
export function streamEntry(about: Partial<TaskPayload> = {}): StreamEntry {
  return { id: `${++lastEntry}-0`, fields: taskEntryFields(taskEntry(about)) };
}

/** The same, taken apart. */
export function delivery(about: Partial<TaskPayload> = {}): Delivery {
  const read = readDelivery(streamEntry(about));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}
