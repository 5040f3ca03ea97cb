/** The spans of a whole workflow and of its tasks, from what was recorded of them: pure rules. */
import { taskKeyOf, type TaskError } from "@agent-hive/contracts";
import type { AttemptRecord, TaskRecord, WorkflowRecord } from "@agent-hive/persistence";
import {
  ATTRIBUTES,
  LINKS,
  SPAN_NAMES,
  asSampled,
  contextOfSpan,
  deliveryContext,
  isSampled,
  processSpan,
  spanIdOf,
  taskSpanId,
  traceIdOf,
  workflowSpanId,
  type SpanFacts,
} from "@agent-hive/telemetry";

/** Where tasks of an agent type are handed to agents. */
export type GroupOf = (agentType: string) => { stream: string; group: string };

/** The span of a workflow: below its request, unless nobody wrote that. */
export function workflowSpan({ id, name, state, traceparent, startedMs, endedMs, error }: WorkflowRecord): SpanFacts {
  return {
    name: `${SPAN_NAMES.workflow} ${name}`,
    kind: "internal",
    context: contextOf(traceparent, workflowSpanId(traceIdOf(traceparent), id)),
    ...(isSampled(traceparent) ? { parentSpanId: spanIdOf(traceparent) } : {}),
    startMs: startedMs,
    endMs: endedMs,
    attributes: { [ATTRIBUTES.workflow]: id, [ATTRIBUTES.workflowName]: name, [ATTRIBUTES.outcome]: state },
    ...(state === "failed" && { error: errorOf(error, state) }),
  };
}

/** The span of a task, linked to the tasks that it depended on. */
export function taskSpan({ id, traceparent, endedMs }: WorkflowRecord, task: TaskRecord): SpanFacts {
  const traceId = traceIdOf(traceparent);
  const spanIdAt = (position: number): string => taskSpanId(traceId, taskKeyOf(id, position));
  const isWrong = task.state === "failed" || task.state === "dead";
  return {
    name: `${SPAN_NAMES.task} ${task.taskId}`,
    kind: "internal",
    context: contextOf(traceparent, spanIdAt(task.position)),
    parentSpanId: workflowSpanId(traceId, id),
    startMs: task.startedMs,
    endMs: task.endedMs ?? endedMs,
    attributes: {
      [ATTRIBUTES.workflow]: id,
      [ATTRIBUTES.task]: task.taskId,
      [ATTRIBUTES.position]: task.position,
      [ATTRIBUTES.agentType]: task.agentType,
      [ATTRIBUTES.handler]: task.handler,
      [ATTRIBUTES.outcome]: task.state,
      [ATTRIBUTES.attempt]: task.attempt,
    },
    links: task.dependsOn.map((position) => ({ traceId, spanId: spanIdAt(position), why: LINKS.dependency })),
    ...(isWrong && { error: errorOf(task.error, task.state) }),
  };
}

/**
 * The span of one handing of a task to an agent, for a workflow whose trace is not sampled but to which something happened:
 * nobody else wrote one.
 *
 * @returns undefined if it never reached an agent.
 */
export function attemptSpan(
  { id, traceparent }: WorkflowRecord,
  { position, agentType, taskId, handler }: TaskRecord,
  record: AttemptRecord,
  groupOf: GroupOf,
): SpanFacts | undefined {
  const { attempt, entryId, incarnation, agentId, outcome, startedMs, dispatchedMs, finishedMs, recordedMs } = record;
  if (entryId === null || incarnation === null) return undefined;
  return processSpan({
    context: deliveryContext(asSampled(traceparent), entryId, incarnation),
    ...groupOf(agentType),
    messageId: entryId,
    subject: { taskKey: taskKeyOf(id, position), attempt, agentType, taskId, handler },
    startMs: startedMs ?? dispatchedMs ?? recordedMs,
    endMs: finishedMs ?? recordedMs,
    attributes: {
      [ATTRIBUTES.incarnation]: incarnation,
      [ATTRIBUTES.client]: agentId ?? undefined,
      [ATTRIBUTES.outcome]: outcome,
      [ATTRIBUTES.reconstructed]: true,
    },
    ...(outcome !== "succeeded" && { error: errorOf(record.error, outcome) }),
  });
}

function errorOf(json: string | null, outcome: string): NonNullable<SpanFacts["error"]> {
  const error = json === null ? undefined : (JSON.parse(json) as Partial<TaskError>);
  return { type: error?.code ?? outcome, message: error?.message ?? outcome };
}

const contextOf = (traceparent: string, spanId: string): string => contextOfSpan(asSampled(traceparent), spanId);
