/** The spans of a whole workflow and of its tasks, from what was recorded of them: a pure rule. */
import { SpanKind } from "@opentelemetry/api";
import { taskKeyOf, type TaskError } from "@agent-hive/contracts";
import type { AttemptRecord, TaskRecord, WorkflowRecord } from "@agent-hive/persistence";
import {
  ATTRIBUTES,
  LINKS,
  SPAN_NAMES,
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

/**
 * One span of the workflow, one of each task that was dispatched, linked to those it depended on. A workflow whose trace is
 * not sampled is here because something happened to it: as nobody else wrote spans, its attempts have theirs from here, too.
 */
export function spansOf(workflow: WorkflowRecord, groupOf: GroupOf): SpanFacts[] {
  const attempts = Map.groupBy(workflow.attempts, ({ position }) => position);
  const dependencies = dependenciesOf(workflow.tasks);
  const trace = sampled(workflow.traceparent);
  const tasks = workflow.tasks.flatMap((task) => {
    const own = attempts.get(task.position) ?? [];
    return taskSpan(workflow, task, own, dependencies.get(task.position) ?? []) ?? [];
  });
  const spans = [workflowSpan(workflow, trace), ...tasks];
  return isSampled(workflow.traceparent) ? spans : [...spans, ...attemptSpans(workflow, trace, groupOf)];
}

function workflowSpan(workflow: WorkflowRecord, trace: string): SpanFacts {
  const { id, name, state, traceparent, startedMs, endedMs, tasks } = workflow;
  const traceId = traceIdOf(trace);
  const wrong = tasks.find((task) => task.state === "failed" || task.state === "dead");
  return {
    name: `${SPAN_NAMES.workflow} ${name}`,
    kind: SpanKind.INTERNAL,
    context: contextOf(trace, workflowSpanId(traceId, id)),
    ...(isSampled(traceparent) ? { parentSpanId: spanIdOf(traceparent) } : {}),
    startMs: startedMs,
    endMs: endedMs,
    attributes: { [ATTRIBUTES.workflow]: id, [ATTRIBUTES.workflowName]: name, [ATTRIBUTES.outcome]: state },
    ...(state === "failed" && { error: errorOf(wrong?.error ?? null, "failed") }),
  };
}

/** @returns undefined if it never was dispatched. */
function taskSpan(
  { id, traceparent, endedMs }: WorkflowRecord,
  task: TaskRecord,
  attempts: readonly AttemptRecord[],
  dependencies: readonly number[],
): SpanFacts | undefined {
  const dispatched = attempts.flatMap(({ dispatchedMs }) => dispatchedMs ?? []);
  if (dispatched.length === 0) return undefined;
  const trace = sampled(traceparent);
  const traceId = traceIdOf(trace);
  const spanIdAt = (position: number): string => taskSpanId(traceId, taskKeyOf(id, position));
  const isWrong = task.state === "failed" || task.state === "dead";
  return {
    name: `${SPAN_NAMES.task} ${task.taskId}`,
    kind: SpanKind.INTERNAL,
    context: contextOf(trace, spanIdAt(task.position)),
    parentSpanId: workflowSpanId(traceId, id),
    startMs: Math.min(...dispatched),
    endMs: task.endedMs ?? endedMs,
    attributes: {
      [ATTRIBUTES.workflow]: id,
      [ATTRIBUTES.task]: task.taskId,
      [ATTRIBUTES.position]: task.position,
      [ATTRIBUTES.agentType]: task.agentType,
      [ATTRIBUTES.handler]: task.handler,
      [ATTRIBUTES.outcome]: task.state,
      [ATTRIBUTES.attempt]: Math.max(...attempts.map(({ attempt }) => attempt)),
    },
    links: dependencies.map((position) => ({ traceId, spanId: spanIdAt(position), why: LINKS.dependency })),
    ...(isWrong && { error: errorOf(task.error, task.state) }),
  };
}

function attemptSpans({ id, tasks, attempts }: WorkflowRecord, trace: string, groupOf: GroupOf): SpanFacts[] {
  const byPosition = new Map(tasks.map((task) => [task.position, task]));
  return attempts.flatMap((attempt) => {
    const { agentType, taskId, handler } = byPosition.get(attempt.position)!;
    const { entryId, incarnation, outcome, startedMs, dispatchedMs, finishedMs, recordedMs } = attempt;
    if (entryId === null || incarnation === null) return [];
    const taskKey = taskKeyOf(id, attempt.position);
    const context = deliveryContext(trace, entryId, incarnation);
    const span = processSpan({
      message: context,
      context,
      ...groupOf(agentType),
      messageId: entryId,
      subject: { taskKey, attempt: attempt.attempt, agentType, taskId, handler },
      startMs: startedMs ?? dispatchedMs ?? recordedMs,
      endMs: finishedMs ?? recordedMs,
      attributes: {
        [ATTRIBUTES.incarnation]: incarnation,
        [ATTRIBUTES.client]: attempt.agentId ?? undefined,
        [ATTRIBUTES.outcome]: outcome,
        [ATTRIBUTES.reconstructed]: true,
      },
      ...(outcome !== "succeeded" && { error: errorOf(attempt.error, outcome) }),
    });
    return [{ ...span, links: [] }];
  });
}

/** Positions of the tasks that each one had to wait for. */
function dependenciesOf(tasks: readonly TaskRecord[]): Map<number, number[]> {
  const dependencies = new Map<number, number[]>();
  for (const { position, successors } of tasks) {
    for (const successor of successors) {
      const known = dependencies.get(successor);
      if (known) known.push(position);
      else dependencies.set(successor, [position]);
    }
  }
  return dependencies;
}

function errorOf(json: string | null, outcome: string): NonNullable<SpanFacts["error"]> {
  const error = json === null ? undefined : (JSON.parse(json) as Partial<TaskError>);
  return { type: error?.code ?? outcome, message: error?.message ?? outcome };
}

const sampled = (traceparent: string): string =>
  isSampled(traceparent) ? traceparent : `${traceparent.slice(0, -2)}01`;

const contextOf = (trace: string, spanId: string): string => `${trace.slice(0, 36)}${spanId}${trace.slice(52)}`;
