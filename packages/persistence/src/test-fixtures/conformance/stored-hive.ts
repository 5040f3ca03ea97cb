/** A store asked what the model is asked: actions in the model's words, answered in those of `expected.ts`. */
import type { Outcome } from "@agent-hive/domain";
import type { Action, NamedAttempt, NamedBatch, Start } from "@agent-hive/domain/test-fixtures";
import type pg from "pg";
import { EpochStore } from "../../epoch-store.js";
import { IdempotencyConflictError } from "../../errors.js";
import type {
  Advance,
  Batch,
  DispatchedTask,
  FreeRoom,
  PlannedWorkflow,
  RecordedOutcome,
  ResultRow,
  TaskAttempt,
  TaskChange,
} from "../../types.js";
import type { WorkflowStore } from "../../workflow-store.js";

/** What a call returned; what has no order is sorted, and what the call does not return is missing. */
export interface Returned {
  dispatched: DispatchedTask[];
  outcome?: string;
  workflows?: unknown[];
  verdicts?: string[];
  changes?: string[];
  finished?: string[];
  settled?: string[];
  released?: number;
  next?: unknown;
}

/** Asks the store for the action. */
export async function ask(store: WorkflowStore, pool: pg.Pool, action: Action): Promise<Returned> {
  switch (action.kind) {
    case "submit":
      return submit(store, action);
    case "record": {
      const { verdicts, ...advance } = await store.recordBatch(toBatch(action.batch), roomOf(action.room));
      return { verdicts, ...returned(advance) };
    }
    case "time out": {
      const { verdicts, ...advance } = await store.timeOut([...action.tasks], roomOf(action.room));
      return { verdicts, ...returned(advance) };
    }
    case "fill":
      return { dispatched: await store.fillWindows(roomOf(action.room)) };
    case "release":
      return { dispatched: [], released: await store.releaseDue(action.limit) };
    case "cancel": {
      const { status, state, ...advance } = await store.cancel(action.workflowId);
      return { outcome: `${status} ${state}`, ...returned(advance) };
    }
    case "lose epoch": {
      const epochs = new EpochStore(pool);
      const { epoch } = await epochs.read();
      return { dispatched: [], next: (await epochs.advance(epoch)) === epoch + 1n };
    }
    case "redispatch": {
      const { tasks, next } = await store.redispatchLost(action.after && { ...action.after }, action.limit);
      return { dispatched: tasks, next };
    }
    case "pass time":
      await pool.query("update task set due_at = due_at - $1 * interval '1 millisecond' where state = 'delayed'", [
        action.ms,
      ]);
      await pool.query("update delayed_queue set due_at = due_at - $1 * interval '1 millisecond'", [action.ms]);
      return { dispatched: [] };
  }
}

async function submit(store: WorkflowStore, action: Extract<Action, { kind: "submit" }>): Promise<Returned> {
  const { idempotency } = action;
  try {
    const submitted = await store.submit(action.workflows.map(planOf), { idempotency, free: roomOf(action.room) });
    const { workflows, dispatched, replayed } = submitted;
    return { outcome: replayed ? "replayed" : "stored", workflows, dispatched };
  } catch (error) {
    if (error instanceof IdempotencyConflictError) return { outcome: "conflict", dispatched: [] };
    throw error;
  }
}

function returned({ dispatched, changes, finished, settled }: Advance): Omit<Returned, "verdicts"> {
  return {
    dispatched,
    changes: net(changes).map(changeLine).sort(),
    finished: finished.map(({ id, state }) => `${id} ${state}`).sort(),
    settled: settled.map(nameOf).sort(),
  };
}

/** The store tells both when a task fails for now and its workflow for good; what remains is that it was cancelled. */
function net(changes: readonly TaskChange[]): TaskChange[] {
  const byTask = new Map<string, TaskChange>();
  for (const change of changes) {
    const key = `${change.workflowId}:${change.position}`;
    const wasDispatched = change.wasDispatched || (byTask.get(key)?.wasDispatched ?? false);
    byTask.set(key, { ...change, wasDispatched });
  }
  return [...byTask.values()];
}

/** One change as text; of its due time only whether it has one: the rows say when. */
export function changeLine(change: Omit<TaskChange, "dueAt"> & { readonly dueAt: unknown }): string {
  const { taskId, state, wasDispatched, dueAt } = change;
  return `${nameOf(change)} ${taskId} ${state}${wasDispatched ? ", was dispatched" : ""}${dueAt === null ? "" : ", is due"}`;
}

/** Names an attempt. */
export const nameOf = ({ workflowId, position, attempt, agentType }: TaskAttempt): string =>
  `${workflowId}:${position}@${attempt} ${agentType}`;

const roomOf = (room: ReadonlyMap<string, number>): FreeRoom => Object.fromEntries(room);

function toBatch({ results = [], crashes = [], checkpoints = [], deadLetters = [] }: NamedBatch): Batch {
  return {
    results: results.map(toResultRow),
    crashes: crashes.map(({ startedAt, ...crash }) => ({ ...crash, startedAtMs: startedAt })),
    checkpoints: [...checkpoints],
    deadLetters: deadLetters.map((letter) => ({
      ...letter,
      reason: "NO_TAKER",
      incarnation: letter.incarnation!,
      agentId: letter.agentId!,
      fields: { ...letter.fields },
      task: letter.task && { ...letter.task, agentType: agentTypeOf(letter.stream) },
    })),
  };
}

/** The agent type whose entries are in this stream. */
export const agentTypeOf = (stream: string): string => stream.slice(stream.indexOf(":") + 1);

function toResultRow({
  outcome,
  report,
  ...task
}: NonNullable<NamedBatch["results"]>[number] & NamedAttempt): ResultRow {
  const { agentId, incarnation, entryId, startedAt, finishedAt, runMs } = report!;
  return {
    ...task,
    outcome: toRecorded(outcome),
    agentId,
    incarnation,
    entryId,
    startedAtMs: startedAt,
    finishedAtMs: finishedAt,
    runMs,
  };
}

function toRecorded(outcome: Outcome): RecordedOutcome {
  switch (outcome.kind) {
    case "succeeded":
      return { status: "succeeded", ...outputOf(outcome.output) };
    case "failed": {
      const { failure, retryable, retryAfterMs } = outcome;
      return { status: "failed", error: failure, retryable, retryAfterMs };
    }
    case "timed-out":
    case "dead-letter":
      return { status: outcome.kind, error: outcome.failure };
  }
}

/** What an output of the model stands for: nothing, text, or something large. */
export function outputOf(
  output: unknown,
): Pick<Extract<RecordedOutcome, { status: "succeeded" }>, "output" | "artifact"> {
  if (output === 0) return { output: null };
  if (output === 3) return { output: null, artifact: { sha256: "3".repeat(64), bytes: 3_000_000_000 } };
  return { output: JSON.stringify({ output, quoted: '"\\' }) };
}

/** The plan that the engine would make. */
export function planOf({ id, priority, graph }: Start): PlannedWorkflow {
  return {
    id,
    name: `name of ${id}`,
    priority,
    input: priority % 2 === 0 ? null : `{"workflow":"${id}"}`,
    traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b${priority}-01`,
    ...(priority % 2 === 0 ? { tracestate: `a=${priority}` } : {}),
    tasks: graph.tasks.map((task, position) => ({
      taskId: task.id,
      agentType: task.agentType,
      handler: `handler-${position}`,
      requires: position % 2 === 0 ? [] : ["x", `y${position}`],
      input: position % 3 === 0 ? null : `{"position":${position}}`,
      dependsOn: [...graph.predecessors[position]!],
      successors: [...graph.successors[position]!],
      remainingPath: graph.remainingPath[position]!,
      timeoutMs: task.timeoutMs,
      retry: task.retry,
    })),
  };
}
