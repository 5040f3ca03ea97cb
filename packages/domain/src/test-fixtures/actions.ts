/** What can be asked of a hive, with everything that decides its outcome but time and chance; and the model's answer. */
import type { DependencyGraph } from "../graph/dependency-graph.js";
import type { GraphTask } from "../graph/graph-task.js";
import type { RetryPolicy } from "../retry/retry-policy.js";
import type { Dispatch, FreeSlots } from "../workflow/fill-windows.js";
import { fillWindows } from "../workflow/fill-windows.js";
import { type Batch, type Hive, recordBatch } from "../workflow/hive.js";
import { cancelWorkflow, type PageEnd, redispatchLost, releaseDue } from "../workflow/interventions.js";
import type { LostDelivery } from "../workflow/record-crashes.js";
import type { ResultVerdict, TaskResult } from "../workflow/record-results.js";
import { submit, type Submitted } from "../workflow/submit.js";
import { startWorkflow } from "../workflow/workflow.js";

/** A task as submitted. */
export interface StartTask extends GraphTask {
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
}

/** A workflow to be submitted. */
export interface Start {
  readonly id: string;
  readonly priority: number;
  readonly graph: DependencyGraph<StartTask>;
}

export interface NamedAttempt {
  readonly workflowId: string;
  readonly position: number;
  readonly agentType: string;
  readonly attempt: number;
}

/** A batch whose lines say of which agent type they are. */
export interface NamedBatch extends Batch {
  readonly results?: readonly (TaskResult & NamedAttempt)[];
  readonly crashes?: readonly (LostDelivery & NamedAttempt)[];
}

export type Action =
  | {
      readonly kind: "submit";
      readonly workflows: readonly Start[];
      readonly idempotency?: { readonly key: string; readonly requestHash: string };
      readonly room: FreeSlots;
    }
  | { readonly kind: "record"; readonly batch: NamedBatch; readonly room: FreeSlots }
  /** The engine ends attempts whose time is over. */
  | { readonly kind: "time out"; readonly tasks: readonly NamedAttempt[]; readonly room: FreeSlots }
  | { readonly kind: "fill"; readonly room: FreeSlots }
  | { readonly kind: "release"; readonly limit: number }
  | { readonly kind: "cancel"; readonly workflowId: string }
  | { readonly kind: "lose epoch" }
  | { readonly kind: "redispatch"; readonly after: PageEnd | null; readonly limit: number }
  /** Nothing is asked; what is delayed comes nearer. */
  | { readonly kind: "pass time"; readonly ms: number };

/** The failure that the store writes for a timeout which the engine found. */
export const TIMED_OUT = { code: "timed_out", message: "No result came within the task's timeout." };

export interface Answer {
  readonly hive: Hive;
  readonly dispatched: readonly Dispatch[];
  readonly republished: readonly Dispatch[];
  /** Of results and timeouts. */
  readonly verdicts: readonly ResultVerdict[];
  readonly submitted?: Submitted;
  /** Where the page of redispatched tasks ended. */
  readonly next?: PageEnd | null;
}

/** The model's answer at `now`; of time that passes nothing is to be seen but by `now`. */
export function answer(hive: Hive, action: Action, { now, random }: { now: number; random: () => number }): Answer {
  const none = { hive, dispatched: [], republished: [], verdicts: [] };
  switch (action.kind) {
    case "submit": {
      const { room, idempotency } = action;
      const submitted = submit(
        hive,
        action.workflows.map((start) => started(start, now)),
        {
          now,
          freeSlotsByType: room,
          idempotency,
        },
      );
      return { ...none, hive: submitted.hive, dispatched: submitted.dispatched, submitted };
    }
    case "record":
      return recordBatch(hive, action.batch, { now, random, freeSlotsByType: action.room });
    case "time out": {
      const outcome = { kind: "timed-out" as const, failure: TIMED_OUT };
      const results = action.tasks.map((task) => ({ ...task, outcome }));
      return recordBatch(hive, { results }, { now, random, freeSlotsByType: action.room });
    }
    case "fill": {
      const { workflows, dispatched } = fillWindows(hive.workflows, action.room, now);
      return { ...none, hive: { ...hive, workflows }, dispatched };
    }
    case "release":
      return { ...none, hive: { ...hive, workflows: releaseDue(hive.workflows, now, action.limit) } };
    case "cancel": {
      const workflow = hive.workflows.get(action.workflowId);
      if (workflow?.status !== "running") return none;
      const workflows = new Map(hive.workflows).set(workflow.id, cancelWorkflow(workflow, now));
      return { ...none, hive: { ...hive, workflows } };
    }
    case "lose epoch":
      return { ...none, hive: { ...hive, epochBegan: now } };
    case "redispatch": {
      const { workflows, ...page } = redispatchLost(hive.workflows, { ...action, began: hive.epochBegan, now });
      return { ...none, hive: { ...hive, workflows }, ...page };
    }
    case "pass time":
      return none;
  }
}

function started({ id, priority, graph }: Start, now: number) {
  return startWorkflow({ id, priority, graph, retryOf: ({ retry }) => retry, now });
}
