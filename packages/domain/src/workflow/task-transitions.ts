/**
 * The only ways in which a task changes its state. Each refuses a task in the wrong state, naming what it is and what
 * it would have to be; `TASK_TRANSITIONS` is the machine as a table, to be compared with its drawing.
 */
import { HiveError } from "../errors/hive-error.js";
import { type Failure, type Task, type TaskIn, type TaskRecord, type TaskStatus } from "./task.js";

/** Every transition with the statuses it leaves and those it leads to. */
export const TASK_TRANSITIONS = {
  closeDependencies: { from: ["waiting"], to: ["waiting"] },
  markReady: { from: ["waiting", "delayed"], to: ["ready"] },
  markDispatched: { from: ["ready"], to: ["dispatched"] },
  settle: { from: ["dispatched"], to: ["succeeded", "failed", "dead"] },
  markDelayed: { from: ["dispatched"], to: ["delayed"] },
  redispatch: { from: ["dispatched"], to: ["dispatched"] },
  markCancelled: { from: ["waiting", "ready", "delayed", "dispatched"], to: ["cancelled"] },
} as const satisfies Record<string, { from: readonly TaskStatus[]; to: readonly TaskStatus[] }>;

export type TaskTransition = keyof typeof TASK_TRANSITIONS;
type From<T extends TaskTransition> = (typeof TASK_TRANSITIONS)[T]["from"][number];

/** How a task ends by its own doing. */
export type Settlement =
  | { readonly status: "succeeded"; readonly output: unknown }
  | { readonly status: "failed"; readonly failure: Failure }
  | { readonly status: "dead"; readonly failure: Failure };

/** Dependencies whose results were recorded are no longer waited for. */
export function closeDependencies(task: Task, count: number): TaskIn<"waiting"> {
  demand("closeDependencies", task);
  if (count > task.openDependencies) {
    throw new HiveError(
      "illegal_transition",
      `Task "${task.id}" has ${task.openDependencies} open dependencies; ${count} cannot be closed.`,
      { details: { taskId: task.id, openDependencies: task.openDependencies, count } },
    );
  }
  return { ...task, openDependencies: task.openDependencies - count };
}

/** A task whose last dependency closed, or whose retry is due, may run. */
export function markReady(task: Task): TaskIn<"ready"> {
  demand("markReady", task);
  if (task.status === "waiting" && task.openDependencies > 0) {
    throw new HiveError(
      "illegal_transition",
      `Task "${task.id}" is waiting for ${task.openDependencies} dependencies; only one that waits for none is ready.`,
      { details: { taskId: task.id, openDependencies: task.openDependencies } },
    );
  }
  return { ...common(task), status: "ready" };
}

/** Grants the next attempt, at `now`. */
export function markDispatched(task: Task, now: number): TaskIn<"dispatched"> {
  demand("markDispatched", task);
  return { ...common(task), status: "dispatched", attempt: task.attempt + 1, dispatchedAt: now };
}

/** Ends the task with a recorded outcome; a failure is charged. */
export function settle(task: Task, settlement: Settlement, now: number): TaskIn<Settlement["status"]> {
  demand("settle", task);
  const charged = task.charged + (settlement.status === "failed" ? 1 : 0);
  return { ...common(task), charged, failure: null, ...settlement, finishedAt: now };
}

/** A failed attempt is charged and tried again at `dueAt`. */
export function markDelayed(task: Task, failure: Failure, dueAt: number): TaskIn<"delayed"> {
  demand("markDelayed", task);
  return { ...common(task), status: "delayed", charged: task.charged + 1, failure, dueAt };
}

/** The message was lost with Redis: the next attempt is granted at once, without charge, which fences the old one. */
export function redispatch(task: Task, now: number): TaskIn<"dispatched"> {
  demand("redispatch", task);
  return { ...common(task), status: "dispatched", attempt: task.attempt + 1, dispatchedAt: now };
}

/** Its workflow ended without it. */
export function markCancelled(task: Task, now: number): TaskIn<"cancelled"> {
  demand("markCancelled", task);
  return { ...common(task), status: "cancelled", finishedAt: now };
}

/** What every state keeps; everything else belongs to the state being left. */
function common(task: Task): TaskRecord {
  const { id, attempt, charged, crashes, crashesAlone, dispatchedAt, checkpoint, failure } = task;
  return { id, attempt, charged, crashes, crashesAlone, dispatchedAt, checkpoint, failure };
}

function demand<T extends TaskTransition>(transition: T, task: Task): asserts task is TaskIn<From<T>> {
  const allowed: readonly TaskStatus[] = TASK_TRANSITIONS[transition].from;
  if (allowed.includes(task.status)) return;
  throw new HiveError(
    "illegal_transition",
    `Task "${task.id}" is ${task.status}; ${transition} needs it to be ${allowed.join(" or ")}.`,
    { details: { taskId: task.id, transition, status: task.status, allowed } },
  );
}
