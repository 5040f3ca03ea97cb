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

/**
 * The span of a task, linked to the tasks that it depended on; none if it never was dispatched. A workflow whose trace is
 * not sampled is traced because something happened to it: as nobody else wrote spans, its attempts have theirs from here.
 */
export function taskSpans(workflow: WorkflowRecord, task: TaskRecord, groupOf: GroupOf): SpanFacts[] {
  const dispatched = task.attempts.flatMap(({ dispatchedMs }) => dispatchedMs ?? []);
  if (dispatched.length === 0) return [];
  const span = taskSpan(workflow, task, Math.min(...dispatched));
  if (isSampled(workflow.traceparent)) return [span];
  return [span, ...task.attempts.flatMap((attempt) => attemptSpan(workflow, task, attempt, groupOf) ?? [])];
}

function taskSpan({ id, traceparent, endedMs }: WorkflowRecord, task: TaskRecord, startMs: number): SpanFacts {
  const traceId = traceIdOf(traceparent);
  const spanIdAt = (position: number): string => taskSpanId(traceId, taskKeyOf(id, position));
  const isWrong = task.state === "failed" || task.state === "dead";
  return {
    name: `${SPAN_NAMES.task} ${task.taskId}`,
    kind: "internal",
    context: contextOf(traceparent, spanIdAt(task.position)),
    parentSpanId: workflowSpanId(traceId, id),
    startMs,
    endMs: task.endedMs ?? endedMs,
    attributes: {
      [ATTRIBUTES.workflow]: id,
      [ATTRIBUTES.task]: task.taskId,
      [ATTRIBUTES.position]: task.position,
      [ATTRIBUTES.agentType]: task.agentType,
      [ATTRIBUTES.handler]: task.handler,
      [ATTRIBUTES.outcome]: task.state,
      [ATTRIBUTES.attempt]: Math.max(...task.attempts.map(({ attempt }) => attempt)),
    },
    links: task.dependsOn.map((position) => ({ traceId, spanId: spanIdAt(position), why: LINKS.dependency })),
    ...(isWrong && { error: errorOf(task.error, task.state) }),
  };
}

/** @returns undefined if it never reached an agent. */
function attemptSpan(
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
