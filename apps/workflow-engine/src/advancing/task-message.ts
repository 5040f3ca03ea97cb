import { taskKeyOf, type TaskEntry } from "@agent-hive/contracts";
import type { DispatchedTask } from "@agent-hive/persistence";
import type { JsonText } from "@agent-hive/persistence/encoding";
import { childTraceparent, dispatchContext } from "@agent-hive/telemetry";

/**
 * The message that asks an agent to run a task: in the trace of its workflow, under a span of its own.
 *
 * @param again it was published before, and got lost.
 */
export function taskEntryOf(task: DispatchedTask, again = false): TaskEntry {
  const taskKey = taskKeyOf(task.workflowId, task.position);
  const first = dispatchContext(task.traceparent, taskKey, task.attempt);
  return {
    agentType: task.agentType,
    taskKey,
    attempt: task.attempt,
    capabilities: [task.handler, ...task.requires],
    payload: payloadOf(task),
    traceparent: again ? childTraceparent(first) : first,
    ...(task.tracestate === undefined ? {} : { tracestate: task.tracestate }),
  };
}

/** JSON of a `TaskPayload`. Inputs and checkpoint are JSON text already, and are put in without being parsed. */
function payloadOf(task: DispatchedTask): string {
  const { workflowName, taskId, handler, timeoutMs, crashes, crashesAlone } = task;
  const charged = crashes > 0 ? { crashes, crashesAlone } : {};
  const head = JSON.stringify({ workflowName, taskId, handler, timeoutMs, ...charged });
  const inputs = member("input", task.input) + member("workflowInput", task.workflowInput);
  return `${head.slice(0, -1)}${inputs}${member("checkpoint", task.checkpoint)}}`;
}

const member = (name: string, json: JsonText | null): string => (json === null ? "" : `,"${name}":${json}`);
