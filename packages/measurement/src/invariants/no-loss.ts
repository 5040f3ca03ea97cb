import { isTerminal } from "@agent-hive/domain";
import { nameOf, type Facts, type TaskFacts, type WorkflowFacts } from "../facts.js";
import type { Findings } from "./findings.js";

/**
 * I1, no loss. Looks at every workflow, every task and every submission: what has ended has nothing alive in it; what runs
 * can still move; what waits knows how many of its dependencies are open; what was accepted is there. Once all is said to
 * be at rest, nothing runs any more.
 */
export function judgeNoLoss(facts: Facts, findings: Findings): void {
  for (const workflow of facts.workflows) judgeWorkflow(workflow, facts.records.isAtRest, findings);
  for (const task of facts.tasks) judgeWaiting(task, findings);
  for (const { key, missing } of facts.records.submissions) {
    findings.check(
      missing.length === 0,
      () => `The submission with the key "${key}" was accepted, and ${missing.join(", ")} is gone.`,
    );
  }
}

function judgeWorkflow({ workflow, tasks }: WorkflowFacts, isAtRest: boolean, findings: Findings): void {
  const live = tasks.filter(({ task }) => !isTerminal(task.state));
  if (workflow.state !== "running") {
    findings.check(
      live.length === 0,
      () =>
        `Workflow ${workflow.id} is said to be ${workflow.state}, and "${live[0]!.task.taskId}" is ${live[0]!.task.state}.`,
    );
    return;
  }
  findings.check(!isAtRest, () => `Workflow ${workflow.id} has not ended, though all is at rest.`);
  findings.check(
    live.some(({ task }) => task.state !== "waiting"),
    () => `Workflow ${workflow.id} runs, and nothing in it can move.`,
  );
}

function judgeWaiting(facts: TaskFacts, findings: Findings): void {
  const { state, openDependencies } = facts.task;
  if (state !== "waiting") return;
  const open = facts.dependencies.filter(({ task }) => task.state !== "succeeded").length;
  findings.check(
    open > 0 && open === openDependencies,
    () => `${nameOf(facts)} waits for ${openDependencies} dependencies, of which ${open} have not succeeded.`,
  );
}
