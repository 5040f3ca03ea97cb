/** Accepting workflows: all of a request or none, and each request once (I5). */
import { type Dispatch, fillWindows, type FreeSlots } from "./fill-windows.js";
import type { Hive } from "./hive.js";
import type { Workflow, Workflows } from "./workflow.js";

/** What an idempotency key was used for. */
export interface Submission {
  readonly requestHash: string;
  readonly workflowIds: readonly string[];
  readonly createdAt: number;
}

export interface SubmitOptions {
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
  readonly now: number;
  readonly freeSlotsByType: FreeSlots;
}

export interface Submitted {
  readonly hive: Hive;
  /** `replayed`: the key was used for the same request; `conflict`: for another. Both change nothing. */
  readonly outcome: "stored" | "replayed" | "conflict";
  /** Those stored now, or when the key was used first. */
  readonly workflowIds: readonly string[];
  readonly dispatched: readonly Dispatch[];
}

/**
 * Stores workflows and dispatches their first tasks into the room there is. Where tasks of a type wait already, the new
 * ones queue behind them: filling the windows will take the most urgent of all.
 */
export function submit(hive: Hive, workflows: readonly Workflow[], options: SubmitOptions): Submitted {
  const { idempotency, now } = options;
  const used = idempotency && hive.submissions.get(idempotency.key);
  if (used !== undefined) {
    const outcome = used.requestHash === idempotency!.requestHash ? "replayed" : "conflict";
    return { hive, outcome, workflowIds: used.workflowIds, dispatched: [] };
  }
  const crowded = typesThatWait(hive.workflows);
  const room = new Map([...options.freeSlotsByType].filter(([agentType]) => !crowded.has(agentType)));
  const filled = fillWindows(new Map(workflows.map((workflow) => [workflow.id, workflow])), room, now);
  const workflowIds = workflows.map(({ id }) => id);
  const submissions = new Map(hive.submissions);
  if (idempotency)
    submissions.set(idempotency.key, { requestHash: idempotency.requestHash, workflowIds, createdAt: now });
  return {
    hive: { ...hive, workflows: new Map([...hive.workflows, ...filled.workflows]), submissions },
    outcome: "stored",
    workflowIds,
    dispatched: filled.dispatched,
  };
}

function typesThatWait(workflows: Workflows): Set<string> {
  return new Set(
    [...workflows.values()].flatMap(({ plan, tasks }) =>
      tasks.flatMap(({ status }, position) => (status === "ready" ? [plan[position]!.agentType] : [])),
    ),
  );
}
