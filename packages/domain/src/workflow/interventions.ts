/** What moves workflows besides results: time, people, and the loss of Redis. */
import type { Dispatch, Filled } from "./fill-windows.js";
import { markReady, redispatch } from "./task-transitions.js";
import type { Workflow, Workflows } from "./workflow.js";
import { WorkflowDraft } from "./workflow-draft.js";

/** Cancels a running workflow and everything in it that is not done. Refuses one that has ended. */
export function cancelWorkflow(workflow: Workflow): Workflow {
  const draft = new WorkflowDraft(workflow);
  draft.end("cancelled");
  return draft.finish();
}

/** Readies every delayed task whose time has come, `now` included (milliseconds since 1970). */
export function releaseDue(workflows: Workflows, now: number): Workflows {
  return mapValues(workflows, (workflow) => {
    const draft = new WorkflowDraft(workflow);
    workflow.tasks.forEach((task, position) => {
      if (task.status === "delayed" && task.dueAt <= now) draft.put(position, markReady(task));
    });
    return draft.finish();
  });
}

/**
 * After Redis lost its epoch: every dispatched task gets its next attempt, uncharged, which fences off any result of
 * the old one that might still turn up (I3). The caller bounds the rate at which it publishes them.
 */
export function redispatchAll(workflows: Workflows): Filled {
  const dispatched: Dispatch[] = [];
  const next = mapValues(workflows, (workflow) => {
    const draft = new WorkflowDraft(workflow);
    workflow.tasks.forEach((task, position) => {
      if (task.status !== "dispatched") return;
      const { attempt } = redispatch(task);
      draft.put(position, redispatch(task));
      const { agentType } = workflow.plan[position]!;
      dispatched.push({ workflowId: workflow.id, position, taskId: task.id, agentType, attempt });
    });
    return draft.finish();
  });
  return { workflows: next, dispatched };
}

function mapValues(workflows: Workflows, change: (workflow: Workflow) => Workflow): Workflows {
  return new Map([...workflows].map(([id, workflow]) => [id, change(workflow)]));
}
