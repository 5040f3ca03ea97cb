import type { MeasuredAttempt, MeasuredTask, MeasuredWorkflow, Recovery } from "@agent-hive/measurement";
import { FAULT_WORDS } from "../../criteria.js";
import { deliveriesOf, isLost, type Delivery } from "./deliveries.js";
import { attributesOf, SPAN_KIND, STATUS, unixNanoOf, type Span, type SpanEvent, type SpanLink } from "./otlp.js";
import { spanIdOfTask, spanIdOfWorkflow, taskBeginsAtMs, traceIdOf } from "./span-ids.js";

/** The service that workflows and tasks are of. */
export const ENGINE = "workflow-engine";

/** A workflow with what is recorded of it. */
export interface TracedWorkflow {
  workflow: MeasuredWorkflow;
  tasks: readonly MeasuredTask[];
  attempts: readonly MeasuredAttempt[];
  recoveries: readonly Recovery[];
  /** When the window ended: whatever has not ended is shown until then. */
  untilMs: number;
  /** Where messages of an agent type go, and who works on them. */
  route: (agentType: string) => { service: string; stream?: string; group?: string };
}

/** A span with the service that it is of. */
export interface ServiceSpan {
  service: string;
  span: Span;
}

/** One trace: the workflow, its tasks below it, and every delivery below its task. */
export function spansOf(traced: TracedWorkflow): ServiceSpan[] {
  const attempts = Map.groupBy(traced.attempts, ({ taskId }) => taskId);
  const recoveries = Map.groupBy(traced.recoveries, ({ taskId }) => taskId);
  const begun = new Map<string, number>();
  for (const task of traced.tasks) {
    const beginsAtMs = taskBeginsAtMs(task, attempts.get(task.taskId) ?? []);
    if (beginsAtMs !== null) begun.set(task.taskId, beginsAtMs);
  }
  const tasks = traced.tasks.filter(({ taskId }) => begun.has(taskId));
  return [
    { service: ENGINE, span: workflowSpan(traced) },
    ...tasks.map((task) => ({ service: ENGINE, span: taskSpan(task, traced, begun) })),
    ...tasks.flatMap((task) =>
      deliveriesOf(attempts.get(task.taskId) ?? [], recoveries.get(task.taskId) ?? []).map((delivery) => ({
        service: traced.route(task.agentType).service,
        span: deliverySpan(delivery, traced),
      })),
    ),
  ];
}

function workflowSpan({ workflow, untilMs }: TracedWorkflow): Span {
  const { id, name, state, createdAtMs, finishedAtMs } = workflow;
  return {
    traceId: traceIdOf(workflow),
    spanId: spanIdOfWorkflow(id),
    name: `workflow ${name}`,
    kind: SPAN_KIND.internal,
    ...lasting(createdAtMs, finishedAtMs ?? untilMs),
    attributes: attributesOf({
      "hive.workflow.id": id,
      "hive.workflow.name": name,
      "hive.workflow.state": state,
      "hive.workflow.tasks": workflow.tasks,
    }),
    events: [],
    links: [],
    status: statusOf(state),
  };
}

function taskSpan(task: MeasuredTask, { workflow, untilMs }: TracedWorkflow, begun: ReadonlyMap<string, number>): Span {
  const { workflowId, taskId, agentType, state, finishedAtMs } = task;
  const traceId = traceIdOf(workflow);
  return {
    traceId,
    spanId: spanIdOfTask(workflowId, taskId),
    parentSpanId: spanIdOfWorkflow(workflowId),
    name: `task ${taskId}`,
    kind: SPAN_KIND.internal,
    ...lasting(begun.get(taskId)!, finishedAtMs ?? untilMs),
    attributes: attributesOf({
      "hive.workflow.id": workflowId,
      "hive.task.id": taskId,
      "hive.task.state": state,
      "hive.task.attempts": task.attempts,
      "hive.task.crashes": task.crashes,
      "hive.task.critical": task.isCritical,
      "hive.agent.type": agentType,
    }),
    events: [],
    links: task.dependsOn
      .filter((dependency) => begun.has(dependency))
      .map((dependency) => linkTo(traceId, spanIdOfTask(workflowId, dependency), "dependency")),
    status: statusOf(state),
  };
}

function deliverySpan(delivery: Delivery, { workflow, route }: TracedWorkflow): Span {
  const { attempt, spanId, beginsAtMs, replaces } = delivery;
  const traceId = traceIdOf(workflow);
  const { stream, group } = route(attempt.agentType);
  return {
    traceId,
    spanId,
    parentSpanId: spanIdOfTask(attempt.workflowId, attempt.taskId),
    name: `process ${stream ?? attempt.agentType}`,
    kind: SPAN_KIND.consumer,
    ...lasting(beginsAtMs, attempt.recordedAtMs),
    attributes: attributesOf({
      "messaging.system": "redis",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": stream,
      "messaging.consumer.group.name": group,
      "messaging.message.id": attempt.entryId,
      "messaging.client.id": attempt.incarnation,
      "hive.workflow.id": attempt.workflowId,
      "hive.task.id": attempt.taskId,
      "hive.attempt.number": attempt.attempt,
      "hive.attempt.outcome": attempt.outcome,
      "hive.agent.type": attempt.agentType,
      "hive.agent.id": attempt.agentId ?? delivery.recovery?.agentId,
      ...(isLost(attempt) && { "hive.consumer.lost": true }),
    }),
    events: eventsOf(delivery),
    links: replaces ? [linkTo(traceId, replaces.spanId, "recovers")] : [],
    status: statusOfDelivery(delivery),
  };
}

function eventsOf({ attempt, replaces, recovery }: Delivery): SpanEvent[] {
  const claimed = replaces?.recovery;
  const moments: [string, number | null][] = [
    ["hive.claimed", after(claimed, claimed?.claimedMs)],
    ["hive.started", attempt.startedAtMs],
    ["hive.struck", recovery?.atMs ?? null],
    ["hive.noticed", after(recovery, recovery?.noticedMs)],
    ["hive.finished", attempt.finishedAtMs],
  ];
  return moments
    .filter((moment): moment is [string, number] => moment[1] !== null)
    .sort(([, one], [, other]) => one - other)
    .map(([name, atMs]) => ({ timeUnixNano: unixNanoOf(atMs), name, attributes: [] }));
}

function after(recovery: Recovery | undefined, ms: number | null | undefined): number | null {
  return recovery === undefined || ms === null || ms === undefined ? null : recovery.atMs + ms;
}

const linkTo = (traceId: string, spanId: string, kind: "dependency" | "recovers"): SpanLink => ({
  traceId,
  spanId,
  attributes: attributesOf({ "hive.link": kind }),
});

/** Clocks of machines differ by their tolerance; nothing ends before it begins. */
function lasting(fromMs: number, toMs: number): Pick<Span, "startTimeUnixNano" | "endTimeUnixNano"> {
  return { startTimeUnixNano: unixNanoOf(fromMs), endTimeUnixNano: unixNanoOf(Math.max(fromMs, toMs)) };
}

function statusOf(state: MeasuredTask["state"] | MeasuredWorkflow["state"]): Span["status"] {
  if (state === "succeeded") return { code: STATUS.ok };
  return state === "failed" || state === "dead" ? { code: STATUS.error, message: state } : { code: STATUS.unset };
}

function statusOfDelivery({ attempt: { outcome, incarnation }, recovery }: Delivery): Span["status"] {
  switch (outcome) {
    case "succeeded":
      return { code: STATUS.ok };
    case "cancelled":
    case "fenced":
      return { code: STATUS.unset };
    case "crashed":
    case "frozen":
    case "lost":
      return { code: STATUS.error, message: lossOf(outcome, incarnation, recovery) };
    case "failed":
    case "timed-out":
    case "dead-letter":
      return { code: STATUS.error, message: outcome };
  }
}

function lossOf(outcome: string, incarnation: string | null, recovery: Recovery | undefined): string {
  if (recovery)
    return `${recovery.agentId} (${incarnation}) was ${FAULT_WORDS[recovery.kind]} while it held this delivery`;
  return incarnation === null ? "lost with Redis" : `${incarnation} ${outcome} while it held this delivery`;
}
