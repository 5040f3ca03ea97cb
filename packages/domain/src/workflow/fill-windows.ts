/**
 * Filling the windows: which of all ready tasks go to Redis next. Per agent type as many as its window has room for,
 * by workflow priority, then by longest remaining path, so that the critical path is what runs first.
 */
import { markDispatched } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

/** One granted attempt, to be published. */
export interface Dispatch {
  readonly workflowId: string;
  readonly position: number;
  readonly taskId: string;
  readonly agentType: string;
  readonly attempt: number;
}

export interface Filled {
  readonly workflows: Workflows;
  /** Attempts granted, in the order in which they are to be published. */
  readonly dispatched: readonly Dispatch[];
}

/** Tasks each agent type's window has room for; a type not listed has none. */
export type FreeSlots = ReadonlyMap<string, number>;

interface Candidate {
  readonly workflow: Workflow;
  readonly position: number;
}

/** Dispatches ready tasks, at `now`, into the room each agent type has (in tasks); a type not listed has none. */
export function fillWindows(workflows: Workflows, freeSlotsByType: FreeSlots, now: number): Filled {
  const free = new Map(freeSlotsByType);
  const chosen = readyTasks(workflows)
    .toSorted(byUrgency)
    .filter((candidate) => takeSlot(free, agentTypeOf(candidate)));
  const drafts = new Map(chosen.map(({ workflow }) => [workflow.id, new WorkflowDraft(workflow, now)]));
  const dispatched = chosen.map((candidate) => {
    const { workflow, position } = candidate;
    const task = markDispatched(workflow.tasks[position]!, now);
    drafts.get(workflow.id)!.put(position, task);
    const agentType = agentTypeOf(candidate);
    return { workflowId: workflow.id, position, taskId: task.id, agentType, attempt: task.attempt };
  });
  const filled = new Map(workflows);
  for (const [id, draft] of drafts) filled.set(id, draft.finish());
  return { workflows: filled, dispatched };
}

function readyTasks(workflows: Workflows): Candidate[] {
  return [...workflows.values()].flatMap((workflow) =>
    workflow.tasks.flatMap((task, position) => (task.status === "ready" ? [{ workflow, position }] : [])),
  );
}

/** Ties end at id and position, so that every engine would choose the same. Ids compare by code unit, as uuids do. */
function byUrgency(a: Candidate, b: Candidate): number {
  return (
    b.workflow.priority - a.workflow.priority ||
    b.workflow.plan[b.position]!.remainingPath - a.workflow.plan[a.position]!.remainingPath ||
    (a.workflow.id < b.workflow.id ? -1 : a.workflow.id > b.workflow.id ? 1 : 0) ||
    a.position - b.position
  );
}

function takeSlot(free: Map<string, number>, agentType: string): boolean {
  const left = free.get(agentType) ?? 0;
  if (left <= 0) return false;
  free.set(agentType, left - 1);
  return true;
}

function agentTypeOf({ workflow, position }: Candidate): string {
  return workflow.plan[position]!.agentType;
}
