import { MESSAGE_VERSION, taskKeyOf, type TaskEntry } from "@agent-hive/contracts";
import type { DispatchedTask } from "@agent-hive/persistence";
import { childTraceparent } from "@agent-hive/telemetry";

/** The message that asks an agent to run a task: in the trace of its workflow, under a span of its own. */
export function taskEntryOf(task: DispatchedTask): TaskEntry {
  return {
    agentType: task.agentType,
    taskKey: taskKeyOf(task.workflowId, task.position),
    attempt: task.attempt,
    capabilities: [task.handler, ...task.requires],
    payload: payloadOf(task),
    traceparent: childTraceparent(task.traceparent),
    ...(task.tracestate === undefined ? {} : { tracestate: task.tracestate }),
  };
}

/** JSON of a `TaskPayload`. Inputs and checkpoint are JSON text already, and are put in without being parsed. */
function payloadOf(task: DispatchedTask): string {
  const { workflowId, workflowName, taskId, position, attempt, agentType, handler, timeoutMs, crashes, crashesAlone } =
    task;
  const head = JSON.stringify({
    version: MESSAGE_VERSION,
    workflowId,
    workflowName,
    taskId,
    position,
    attempt,
    agentType,
    handler,
    timeoutMs,
    idempotencyKey: taskKeyOf(workflowId, position),
    crashes,
    crashesAlone,
  });
  const inputs = `"input":${task.input ?? "null"},"workflowInput":${task.workflowInput ?? "null"}`;
  const checkpoint = task.checkpoint === null ? "" : `,"checkpoint":${task.checkpoint}`;
  return `${head.slice(0, -1)},${inputs}${checkpoint}}`;
}
