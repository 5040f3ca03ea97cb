/** What moves workflows besides results: time, people, and the loss of Redis. */
import { endOf } from "./attempt-record.js";
import type { Dispatch } from "./fill-windows.js";
import type { Task } from "./task.js";
import { markReady, redispatch } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

/** Cancels a running workflow and everything in it that is not done. Refuses one that has ended. */
export function cancelWorkflow(workflow: Workflow, now: number): Workflow {
  const draft = new WorkflowDraft(workflow, now);
  draft.end("cancelled");
  return draft.finish();
}

/** Readies delayed tasks whose time has come, `now` included: the longest due first, at most `limit` (default all). */
export function releaseDue(workflows: Workflows, now: number, limit = Infinity): Workflows {
  const due = placesWhere(workflows, (task) => task.status === "delayed" && task.dueAt <= now)
    .toSorted((a, b) => dueAt(a.task) - dueAt(b.task))
    .slice(0, limit);
  return changed(workflows, due, now, (draft, { position, task }) => draft.put(position, markReady(task)));
}

const dueAt = (task: Task): number => (task.status === "delayed" ? task.dueAt : Infinity);

/** Where a page of tasks ended. */
export interface PageEnd {
  readonly workflowId: string;
  readonly position: number;
}

/**
 * After Redis lost its epoch: every task that was dispatched before `began` gets its next attempt, uncharged, which
 * fences off any result of the old one that might still turn up (I3). In pages of `limit`, in the order of ids and
 * positions, so that the rate of publishing is bounded; `next` is null at the end.
 */
export function redispatchLost(
  workflows: Workflows,
  {
    began,
    now,
    after = null,
    limit = Infinity,
  }: { began: number; now: number; after?: PageEnd | null; limit?: number },
): { workflows: Workflows; dispatched: Dispatch[]; next: PageEnd | null } {
  const lost = placesWhere(workflows, (task) => task.status === "dispatched" && task.dispatchedAt! < began)
    .toSorted(byKey)
    .filter((place) => after === null || byKey(place, after) > 0)
    .slice(0, limit);
  const dispatched: Dispatch[] = [];
  const next = changed(workflows, lost, now, (draft, { workflowId, position, task }) => {
    draft.note(endOf(task, position, { outcome: "lost", recordedAt: now }));
    const again = redispatch(task, now);
    draft.put(position, again);
    const { agentType } = draft.plan[position]!;
    dispatched.push({ workflowId, position, taskId: task.id, agentType, attempt: again.attempt });
  });
  const last = lost.length === limit ? lost.at(-1) : undefined;
  return { workflows: next, dispatched, next: last ? { workflowId: last.workflowId, position: last.position } : null };
}

interface Place extends PageEnd {
  readonly task: Task;
}

function placesWhere(workflows: Workflows, isMeant: (task: Task) => boolean): Place[] {
  return [...workflows.values()].flatMap(({ id, tasks }) =>
    tasks.flatMap((task, position) => (isMeant(task) ? [{ workflowId: id, position, task }] : [])),
  );
}

/** Ids compare by code unit, as uuids do. */
function byKey(a: PageEnd, b: PageEnd): number {
  return a.workflowId < b.workflowId ? -1 : a.workflowId > b.workflowId ? 1 : a.position - b.position;
}

function changed(
  workflows: Workflows,
  places: readonly Place[],
  now: number,
  change: (draft: WorkflowDraft, place: Place) => void,
): Workflows {
  const next = new Map(workflows);
  for (const [id, ofWorkflow] of Map.groupBy(places, ({ workflowId }) => workflowId)) {
    const draft = new WorkflowDraft(workflows.get(id)!, now);
    for (const place of ofWorkflow) change(draft, place);
    next.set(id, draft.finish());
  }
  return next;
}
