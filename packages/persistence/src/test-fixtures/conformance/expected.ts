/** What the store must return and hold, told from the model: answers as `Returned`, state as rows of all tables. */
import {
  type AttemptRecord,
  changesBetween,
  type Dispatch,
  type Hive,
  type KeptDeadLetter,
  type Workflow,
} from "@agent-hive/domain";
import type { Action, Answer } from "@agent-hive/domain/test-fixtures";
import type { DispatchedTask, PlannedWorkflow } from "../../types.js";
import type { Rows } from "./read-rows.js";
import { agentTypeOf, changeLine, nameOf, outputOf, type Returned } from "./stored-hive.js";

export type Plans = ReadonlyMap<string, PlannedWorkflow>;

/** Dispatched tasks come apart: granted now, and granted before to be published again. */
export interface ExpectedReturn extends Omit<Returned, "dispatched"> {
  dispatched: DispatchedTask[];
  republished: DispatchedTask[];
}

export function expectedReturn(before: Hive, action: Action, answer: Answer, plans: Plans): ExpectedReturn {
  const messages = (dispatches: readonly Dispatch[]) =>
    dispatches.map((dispatch) => messageOf(answer.hive.workflows.get(dispatch.workflowId)!, dispatch.position, plans));
  return {
    dispatched: messages(answer.dispatched),
    republished: messages(answer.republished),
    ...restOf(before, action, answer, plans),
  };
}

function restOf(before: Hive, action: Action, answer: Answer, plans: Plans): Omit<Returned, "dispatched"> {
  switch (action.kind) {
    case "submit": {
      const { outcome, workflowIds } = answer.submitted!;
      if (outcome === "conflict") return { outcome };
      const workflows = workflowIds.map((id) => {
        return { id, name: plans.get(id)!.name, state: answer.hive.workflows.get(id)!.status };
      });
      return { outcome, workflows };
    }
    case "record": {
      const { results = [], deadLetters = [] } = action.batch;
      const named = deadLetters.flatMap(({ task, stream }) =>
        task ? { ...task, agentType: agentTypeOf(stream) } : [],
      );
      return { verdicts: [...answer.verdicts], ...advanceOf(before, answer, [...results, ...named]) };
    }
    case "time out":
      return { verdicts: [...answer.verdicts], ...advanceOf(before, answer, action.tasks) };
    case "cancel": {
      const { status } = before.workflows.get(action.workflowId)!;
      const outcome = status === "running" ? "cancelled cancelled" : `already-finished ${status}`;
      return { outcome, ...advanceOf(before, answer, []) };
    }
    case "release": {
      const delayed = ({ workflows }: Hive) =>
        [...workflows.values()].flatMap(({ tasks }) => tasks.filter(({ status }) => status === "delayed")).length;
      return { released: delayed(before) - delayed(answer.hive) };
    }
    case "lose epoch":
      return { next: true };
    case "redispatch":
      return { next: answer.next };
    case "fill":
    case "pass time":
      return {};
  }
}

type Named = Parameters<typeof nameOf>[0];

function advanceOf(before: Hive, { hive }: Answer, over: readonly Named[]): Omit<Returned, "dispatched"> {
  const { changes, finished } = changesBetween(before.workflows, hive.workflows);
  const settled = [...over, ...changes.filter(({ wasDispatched }) => wasDispatched)];
  return {
    changes: changes.map(changeLine).sort(),
    finished: finished.map(({ id, state }) => `${id} ${state}`).sort(),
    settled: [...new Set(settled.map(nameOf))].sort(),
  };
}

/** All that the message of a dispatched task says. */
export function messageOf({ id, tasks }: Workflow, position: number, plans: Plans): DispatchedTask {
  const { name, input: workflowInput, traceparent, tracestate, tasks: planned } = plans.get(id)!;
  const { taskId, agentType, handler, requires, input, timeoutMs } = planned[position]!;
  const { attempt, crashes, crashesAlone, checkpoint } = tasks[position]!;
  return {
    workflowId: id,
    position,
    taskId,
    agentType,
    attempt,
    handler,
    requires,
    input,
    timeoutMs,
    crashes,
    crashesAlone,
    checkpoint: checkpoint?.data ?? null,
    workflowName: name,
    workflowInput,
    traceparent,
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}

/** The rows of all tables. */
export function expectedRows({ workflows, deadLetters, submissions, epochBegan }: Hive, plans: Plans): Rows {
  const inOrder = [...workflows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const tasks = inOrder.flatMap((workflow) => taskRows(workflow, plans.get(workflow.id)!));
  return {
    hive_state: [{ epoch_began: epochBegan }],
    workflow: inOrder.map((workflow) => workflowRow(workflow, plans.get(workflow.id)!)),
    task: tasks,
    attempt_history: inOrder.flatMap(({ id, history }) => history.map((line) => historyRow(id, line)).toSorted(byLine)),
    ready_queue: tasks
      .filter(({ state }) => state === "ready")
      .map(({ workflow_id, position, remaining_path, priority, agent_type }) => {
        return { workflow_id, position, remaining_path, priority, agent_type };
      }),
    delayed_queue: tasks
      .filter(({ state }) => state === "delayed")
      .map(({ workflow_id, position, due_at }) => ({ workflow_id, position, due_at })),
    dead_letter: deadLetters
      .map(deadLetterRow)
      .toSorted((a, b) => byText(`${a.stream} ${a.entry_id}`, `${b.stream} ${b.entry_id}`)),
    submission: [...submissions]
      .map(([idempotency_key, { requestHash, workflowIds, createdAt }]) => {
        return { idempotency_key, request_sha256: requestHash, workflow_ids: [...workflowIds], created_at: createdAt };
      })
      .toSorted((a, b) => byText(a.idempotency_key, b.idempotency_key)),
  };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byLine = (a: Rows["attempt_history"][number], b: Rows["attempt_history"][number]): number =>
  (a.position as number) - (b.position as number) ||
  (a.attempt as number) - (b.attempt as number) ||
  byText(a.delivery as string, b.delivery as string);

function workflowRow(workflow: Workflow, { name, traceparent, tracestate, input }: PlannedWorkflow) {
  const { id, priority, status, counters, createdAt, finishedAt, failedPosition } = workflow;
  const { live: _, ...counted } = counters;
  return {
    id,
    created_at: createdAt,
    finished_at: finishedAt,
    ...counted,
    failed_position: failedPosition,
    priority,
    state: status,
    name,
    traceparent,
    tracestate: tracestate ?? null,
    input,
  };
}

function taskRows({ id, priority, tasks }: Workflow, { tasks: planned }: PlannedWorkflow) {
  return tasks.map((task, position) => {
    const { taskId, agentType, handler, requires, input, successors, remainingPath, timeoutMs, retry } =
      planned[position]!;
    const { output = null, artifact } = task.status === "succeeded" ? outputOf(task.output) : {};
    return {
      workflow_id: id,
      position,
      // Of a cancelled task nobody asks any more what it waited for.
      open_dependencies: task.status === "waiting" ? task.openDependencies : task.status === "cancelled" ? "any" : 0,
      attempt: task.attempt,
      charged: task.charged,
      crashes: task.crashes,
      crashes_alone: task.crashesAlone,
      dispatched_at: task.dispatchedAt,
      due_at: task.status === "delayed" ? task.dueAt : null,
      finished_at: "finishedAt" in task ? task.finishedAt : null,
      remaining_path: remainingPath,
      factor: retry.factor,
      timeout_ms: timeoutMs,
      max_attempts: retry.maxAttempts,
      initial_delay_ms: retry.initialDelayMs,
      max_delay_ms: retry.maxDelayMs,
      state: task.status,
      priority,
      task_id: taskId,
      agent_type: agentType,
      handler,
      requires,
      successors,
      input,
      checkpoint_attempt: task.checkpoint?.attempt ?? null,
      checkpoint_sequence: task.checkpoint?.sequence ?? null,
      checkpoint: task.checkpoint?.data ?? null,
      artifact_bytes: artifact?.bytes ?? null,
      artifact_sha256: artifact?.sha256 ?? null,
      output,
      error: task.failure,
    };
  });
}

function historyRow(workflowId: string, line: AttemptRecord) {
  return {
    workflow_id: workflowId,
    position: line.position,
    attempt: line.attempt,
    delivery: line.delivery,
    outcome: line.outcome,
    dispatched_at: line.dispatchedAt ?? null,
    started_at: line.startedAt ?? null,
    finished_at: line.finishedAt ?? null,
    run_ms: line.runMs ?? null,
    recorded_at: line.recordedAt,
    agent_id: line.agentId ?? null,
    incarnation: line.incarnation ?? null,
    entry_id: line.entryId ?? null,
    error: line.failure ?? null,
  };
}

function deadLetterRow({
  task,
  reason,
  message,
  stream,
  entryId,
  incarnation,
  agentId,
  fields,
  createdAt,
}: KeptDeadLetter) {
  return {
    workflow_id: task?.workflowId ?? null,
    position: task?.position ?? null,
    attempt: task?.attempt ?? null,
    reason,
    message,
    stream,
    entry_id: entryId,
    incarnation,
    agent_id: agentId,
    fields,
    created_at: createdAt,
  };
}
