/** How rows go into the recording functions of `src/sql`, and what comes back: the shapes of both sides, in one place. */
import type { RecordVerdict, ResultRow } from "./types.js";
import type {
  Advance,
  CheckpointRow,
  CrashRow,
  DeadLetterRow,
  DispatchedTask,
  EncodedWorkflows,
  FinishedWorkflow,
  FreeRoom,
  PlannedWorkflow,
  TaskAttempt,
  TaskChange,
} from "./types.js";
import { booleans, delays, integers, numbers, texts, times, uuids } from "./columns.js";
import { MAX_CRASHES_ALONE } from "@agent-hive/domain";

/** Where entries of an agent type are, for the dead letters that are made of them. */
export type StreamOf = (agentType: string) => string;

/** Parameters `types, room`. */
export function roomColumns(free: FreeRoom): [string, string] {
  const entries = Object.entries(free);
  return [texts(entries, ([agentType]) => agentType), integers(entries, ([, room]) => Math.max(0, Math.floor(room)))];
}

/** Parameters of record-results.sql. An agent's result names its delivery; a timeout found by the engine has none. */
export function resultColumns(results: readonly RecordedEnd[], free: FreeRoom, streamOf: StreamOf): string[] {
  const deadLetter = ({ outcome }: RecordedEnd) => (outcome.status === "dead-letter" ? outcome : undefined);
  return [
    uuids(results, (row) => row.workflowId),
    integers(results, (row) => row.position),
    integers(results, (row) => row.attempt),
    texts(results, (row) => row.outcome.status),
    texts(results, ({ outcome }) => (outcome.status === "succeeded" ? outcome.output : null)),
    texts(results, ({ outcome }) => (outcome.status === "succeeded" ? outcome.artifact?.sha256 : null)),
    numbers(results, ({ outcome }) => (outcome.status === "succeeded" ? outcome.artifact?.bytes : null)),
    texts(results, ({ outcome }) => (outcome.status === "succeeded" ? null : JSON.stringify(outcome.error))),
    booleans(
      results,
      ({ outcome }) => outcome.status === "timed-out" || (outcome.status === "failed" && outcome.retryable),
    ),
    delays(results, ({ outcome }) => (outcome.status === "failed" ? outcome.retryAfterMs : null)),
    texts(results, (row) => row.agentId),
    texts(results, (row) => row.incarnation),
    texts(results, (row) => row.entryId),
    times(results, (row) => row.startedAtMs),
    times(results, (row) => row.finishedAtMs),
    numbers(results, (row) => row.runMs),
    texts(results, (row) => (deadLetter(row) ? streamOf(row.agentType) : null)),
    texts(results, (row) => deadLetter(row)?.error.message),
    ...roomColumns(free),
  ];
}

/** A result, or a timeout that no agent reported. */
export type RecordedEnd = Pick<ResultRow, "workflowId" | "position" | "attempt" | "agentType" | "outcome"> &
  Partial<ResultRow>;

/** Parameters of record-crashes.sql. */
export function crashColumns(crashes: readonly CrashRow[], streamOf: StreamOf): (string | number)[] {
  return [
    uuids(crashes, (row) => row.workflowId),
    integers(crashes, (row) => row.position),
    integers(crashes, (row) => row.attempt),
    texts(crashes, (row) => row.entryId),
    texts(crashes, (row) => row.incarnation),
    booleans(crashes, (row) => row.alone),
    booleans(crashes, (row) => row.charged),
    times(crashes, (row) => row.startedAtMs),
    texts(crashes, (row) => streamOf(row.agentType)),
    MAX_CRASHES_ALONE,
  ];
}

/** Parameters of record-checkpoints.sql. */
export function checkpointColumns(checkpoints: readonly CheckpointRow[]): string[] {
  return [
    uuids(checkpoints, (row) => row.workflowId),
    integers(checkpoints, (row) => row.position),
    integers(checkpoints, (row) => row.attempt),
    numbers(checkpoints, (row) => row.sequence),
    texts(checkpoints, (row) => row.data),
  ];
}

/** Parameters of record-dead-letters.sql. */
export function deadLetterColumns(deadLetters: readonly DeadLetterRow[]): string[] {
  return [
    uuids(deadLetters, (row) => row.task?.workflowId),
    integers(deadLetters, (row) => row.task?.position),
    integers(deadLetters, (row) => row.task?.attempt),
    texts(deadLetters, (row) => row.reason),
    texts(deadLetters, (row) => row.message),
    texts(deadLetters, (row) => JSON.stringify({ code: row.reason, message: row.message })),
    texts(deadLetters, (row) => row.stream),
    texts(deadLetters, (row) => row.entryId),
    texts(deadLetters, (row) => row.incarnation),
    texts(deadLetters, (row) => row.agentId),
    texts(deadLetters, (row) => JSON.stringify(row.fields)),
  ];
}

/**
 * Makes plans ready for `WorkflowStore.submit`: for large ones that is work, which a thread of its own may do, and text
 * goes from thread to thread more cheaply than objects.
 */
export function encodeWorkflows(workflows: readonly PlannedWorkflow[]): EncodedWorkflows {
  return { summaries: workflows.map(({ id, name }) => ({ id, name })), columns: workflowColumns(workflows) };
}

/** Of each workflow its id, and for each task the positions that wait for it: what a history keeps of a submission. */
export function successorsOf({ columns }: EncodedWorkflows): [workflowId: string, successors: number[][]][] {
  const lists = elementsOf(columns[TASK_SUCCESSORS]!);
  const workflows = new Map<string, number[][]>();
  elementsOf(columns[TASK_WORKFLOW_IDS]!).forEach((workflowId, i) => {
    const successors = elementsOf(lists[i]!).map(Number);
    workflows.set(workflowId, [...(workflows.get(workflowId) ?? []), successors]);
  });
  return [...workflows];
}

/** Places of two of the columns below. */
const TASK_WORKFLOW_IDS = 6;
const TASK_SUCCESSORS = 14;

/** Elements of an array literal that has no other quotes than those around arrays within it. */
function elementsOf(literal: string): string[] {
  return (
    literal
      .slice(1, -1)
      .match(/"[^"]*"|[^,]+/g)
      ?.map((element) => element.replaceAll('"', "")) ?? []
  );
}

/** Parameters of submit-workflows.sql that describe the workflows and their tasks. */
function workflowColumns(workflows: readonly PlannedWorkflow[]): string[] {
  const tasks = workflows.flatMap((workflow) =>
    workflow.tasks.map((task, position) => ({ ...task, workflowId: workflow.id, position })),
  );
  return [
    uuids(workflows, (workflow) => workflow.id),
    texts(workflows, (workflow) => workflow.name),
    integers(workflows, (workflow) => workflow.priority),
    texts(workflows, (workflow) => workflow.input),
    texts(workflows, (workflow) => workflow.traceparent),
    texts(workflows, (workflow) => workflow.tracestate),
    uuids(tasks, (task) => task.workflowId),
    integers(tasks, (task) => task.position),
    texts(tasks, (task) => task.taskId),
    texts(tasks, (task) => task.agentType),
    texts(tasks, (task) => task.handler),
    texts(tasks, (task) => texts(task.requires, (capability) => capability)),
    texts(tasks, (task) => task.input),
    integers(tasks, (task) => task.dependsOn.length),
    texts(tasks, (task) => integers(task.successors, (position) => position)),
    numbers(tasks, (task) => task.remainingPath),
    integers(tasks, (task) => task.timeoutMs),
    integers(tasks, (task) => task.retry.maxAttempts),
    integers(tasks, (task) => task.retry.initialDelayMs),
    numbers(tasks, (task) => task.retry.factor),
    integers(tasks, (task) => task.retry.maxDelayMs),
  ];
}

/** What describe-dispatched.sql returns: two tables, column by column. */
export interface DispatchedJson {
  workflows: Columns<{
    id: string;
    name: string;
    input: string | null;
    traceparent: string;
    tracestate: string | null;
  }>;
  tasks: Columns<Omit<DispatchedTask, "workflowName" | "workflowInput" | "traceparent" | "tracestate">>;
}
type Columns<Row> = { [Name in keyof Row]: Row[Name][] };

/** Puts rows together again, each task with what it needs of its workflow. */
export function toDispatchedTasks(json: DispatchedJson | null): DispatchedTask[] {
  if (json === null) return [];
  const { workflows, tasks } = json;
  const places = new Map(workflows.id.map((id, place) => [id, place]));
  return tasks.workflowId.map((workflowId, i) => {
    const place = places.get(workflowId)!;
    const tracestate = workflows.tracestate[place]!;
    return {
      workflowId,
      position: tasks.position[i]!,
      taskId: tasks.taskId[i]!,
      agentType: tasks.agentType[i]!,
      attempt: tasks.attempt[i]!,
      handler: tasks.handler[i]!,
      requires: tasks.requires[i]!,
      input: tasks.input[i]!,
      timeoutMs: tasks.timeoutMs[i]!,
      crashes: tasks.crashes[i]!,
      crashesAlone: tasks.crashesAlone[i]!,
      checkpoint: tasks.checkpoint[i]!,
      workflowName: workflows.name[place]!,
      workflowInput: workflows.input[place]!,
      traceparent: workflows.traceparent[place]!,
      ...(tracestate === null ? {} : { tracestate }),
    };
  });
}

/** A value of the composite type `ended_task`, as JSON. */
interface EndedTaskJson {
  workflow_id: string;
  position: number;
  task_id: string;
  agent_type: string;
  attempt: number;
  state: TaskChange["state"];
  due_at: string | null;
  was_dispatched: boolean;
}

/** What the recording functions have in common. */
export interface AdvanceJson {
  verdicts?: RecordVerdict[] | null;
  dispatched?: DispatchedJson | null;
  ended: EndedTaskJson[] | null;
  finished?: FinishedWorkflow[];
}

/** What one call changed; the attempts that are over because of it are settled. */
export function toAdvance({ dispatched, ended, finished }: AdvanceJson): Advance {
  const changes = (ended ?? []).map(toTaskChange);
  return {
    dispatched: toDispatchedTasks(dispatched ?? null),
    changes,
    finished: finished ?? [],
    settled: changes.filter(({ wasDispatched }) => wasDispatched).map(toTaskAttempt),
  };
}

function toTaskChange(task: EndedTaskJson): TaskChange {
  return {
    workflowId: task.workflow_id,
    position: task.position,
    taskId: task.task_id,
    agentType: task.agent_type,
    attempt: task.attempt,
    state: task.state,
    dueAt: task.due_at === null ? null : new Date(task.due_at),
    wasDispatched: task.was_dispatched,
  };
}

export function toTaskAttempt({ workflowId, position, agentType, attempt }: TaskAttempt): TaskAttempt {
  return { workflowId, position, agentType, attempt };
}

/** Joins what several calls of one transaction changed; each attempt is settled once. */
export function mergeAdvances(advances: readonly Advance[], settled: readonly TaskAttempt[]): Advance {
  const fields = new Map<string, TaskAttempt>();
  for (const attempt of [...settled, ...advances.flatMap((advance) => advance.settled)]) {
    fields.set(attemptKey(attempt), attempt);
  }
  return {
    dispatched: advances.flatMap((advance) => advance.dispatched),
    changes: advances.flatMap((advance) => advance.changes),
    finished: advances.flatMap((advance) => advance.finished),
    settled: [...fields.values()],
  };
}

/** Names one attempt of one task. */
export function attemptKey({
  workflowId,
  position,
  attempt,
}: Pick<TaskAttempt, "workflowId" | "position" | "attempt">): string {
  return `${workflowId}:${position}:${attempt}`;
}
