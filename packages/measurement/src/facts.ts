import { taskKeyOf } from "@agent-hive/contracts";
import type { AttemptRecord, RunRecords, TaskRecord, WorkflowRecord } from "./records.js";

/** A task with everything that is recorded of it. */
export interface TaskFacts {
  task: TaskRecord;
  /** Undefined if its workflow is not on record. */
  workflow: WorkflowRecord | undefined;
  dependencies: TaskFacts[];
  /** How its attempts ended, in their order. */
  ends: AttemptRecord[];
  /** Deliveries that were lost or fenced. */
  deliveries: AttemptRecord[];
}

export interface WorkflowFacts {
  workflow: WorkflowRecord;
  /** In the order of positions. */
  tasks: TaskFacts[];
}

/** The records of a run, put together by what belongs to what. */
export interface Facts {
  records: RunRecords;
  workflows: WorkflowFacts[];
  tasks: TaskFacts[];
  /** History of tasks that are not on record. */
  orphans: AttemptRecord[];
  /** @returns undefined if there is no such task. */
  taskNamed(workflowId: string, taskId: string): TaskFacts | undefined;
}

/** How a task is called in sentences. */
export const nameOf = ({ task }: Pick<TaskFacts, "task">): string => `Task "${task.taskId}" of ${task.workflowId}`;

/** Puts records together. */
export function factsOf(records: RunRecords): Facts {
  const workflows = new Map(records.workflows.map((workflow) => [workflow.id, workflow]));
  const tasks = new Map(
    records.tasks.map((task) => [taskKeyOf(task.workflowId, task.position), emptyFacts(task, workflows)]),
  );
  const orphans = addHistory(records.attempts, tasks);
  addDependencies(tasks);
  const all = [...tasks.values()].sort((left, right) => left.task.position - right.task.position);
  const byWorkflow = Map.groupBy(all, ({ task }) => task.workflowId);
  const byName = new Map(all.map((facts) => [`${facts.task.workflowId}:${facts.task.taskId}`, facts]));
  return {
    records,
    workflows: records.workflows.map((workflow) => ({ workflow, tasks: byWorkflow.get(workflow.id) ?? [] })),
    tasks: all,
    orphans,
    taskNamed: (workflowId, taskId) => byName.get(`${workflowId}:${taskId}`),
  };
}

function emptyFacts(task: TaskRecord, workflows: ReadonlyMap<string, WorkflowRecord>): TaskFacts {
  return { task, workflow: workflows.get(task.workflowId), dependencies: [], ends: [], deliveries: [] };
}

/** @returns the history that belongs to no task. */
function addHistory(attempts: readonly AttemptRecord[], tasks: ReadonlyMap<string, TaskFacts>): AttemptRecord[] {
  const inOrder = attempts.toSorted((left, right) => left.attempt - right.attempt);
  return inOrder.filter((attempt) => {
    const facts = tasks.get(taskKeyOf(attempt.workflowId, attempt.position));
    (attempt.delivery === "" ? facts?.ends : facts?.deliveries)?.push(attempt);
    return facts === undefined;
  });
}

function addDependencies(tasks: ReadonlyMap<string, TaskFacts>): void {
  for (const facts of tasks.values()) {
    for (const successor of facts.task.successors) {
      tasks.get(taskKeyOf(facts.task.workflowId, successor))?.dependencies.push(facts);
    }
  }
}

/** The success of a task; undefined if none is recorded. */
export const successOf = ({ ends }: TaskFacts): AttemptRecord | undefined =>
  ends.find(({ outcome }) => outcome === "succeeded");

/** Everything that is recorded of a task's attempts, ends and deliveries. */
export const historyOf = ({ ends, deliveries }: TaskFacts): AttemptRecord[] => [...ends, ...deliveries];

/**
 * When a task became ready: when its last dependency was recorded, or its workflow created if it has none; null while it
 * waits.
 */
export function readyAtMs({ dependencies, workflow }: TaskFacts): number | null {
  if (dependencies.some(({ task }) => task.state !== "succeeded" || task.finishedAtMs === null)) return null;
  if (dependencies.length === 0) return workflow?.createdAtMs ?? null;
  return dependencies.reduce((latest, { task }) => Math.max(latest, task.finishedAtMs ?? 0), 0);
}
