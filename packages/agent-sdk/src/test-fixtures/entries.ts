import { taskEntryFields, taskKeyOf, type StreamEntry, type TaskEntry, type TaskPayload } from "@agent-hive/contracts";
import { newTraceparent } from "@agent-hive/telemetry";
import { randomUUID } from "node:crypto";
import { readDelivery, type Delivery } from "../delivery/delivery.js";

let lastEntry = 0;

/** What a test says of a task: what its payload holds, and which one it is. */
export interface About extends Partial<TaskPayload> {
  workflowId?: string;
  position?: number;
  attempt?: number;
  agentType?: string;
}

/** A task as the engine publishes it; a test says what it is about. */
export function taskEntry(about: About = {}): TaskEntry {
  const { workflowId = randomUUID(), position = 0, attempt = 1, agentType = "backend", ...more } = about;
  const payload: TaskPayload = {
    workflowName: "test",
    taskId: "rank",
    handler: "noop",
    timeoutMs: 600_000,
    crashes: 0,
    crashesAlone: 0,
    ...more,
  };
  return {
    agentType,
    taskKey: taskKeyOf(workflowId, position),
    attempt,
    capabilities: [payload.handler],
    payload: JSON.stringify(payload),
    traceparent: newTraceparent(),
  };
}

/** The same as it comes out of a stream. */
export function streamEntry(about: About = {}): StreamEntry {
  return { id: `${++lastEntry}-0`, fields: taskEntryFields(taskEntry(about)) };
}

/** The same, taken apart. */
export function delivery(about: About = {}): Delivery {
  const read = readDelivery(streamEntry(about));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}
