import { isTerminal, TERMINAL_TASK_STATUSES, type TerminalTaskStatus } from "@agent-hive/domain";
import type { Facts, WorkflowFacts } from "../facts.js";
import type { Findings } from "./findings.js";

/** A workflow's tasks by what has become of them. */
export type Counts = Record<TerminalTaskStatus | "total" | "live", number>;

/** Counts a workflow's tasks by what has become of them. */
export function countsOf({ tasks }: Pick<WorkflowFacts, "tasks">): Counts {
  const counts: Counts = { total: tasks.length, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: 0 };
  for (const { task } of tasks) counts[isTerminal(task.state) ? task.state : "live"]++;
  return counts;
}

/**
 * I8, conservation. Looks at every workflow, all of whose tasks were read in the same snapshot: its counters are those of
 * its tasks, and its state is what they say.
 */
export function judgeConserved(facts: Facts, findings: Findings): void {
  for (const workflow of facts.workflows) {
    const counts = countsOf(workflow);
    const { id, state } = workflow.workflow;
    for (const name of ["total", ...TERMINAL_TASK_STATUSES] as const) {
      const told = workflow.workflow[name];
      findings.check(
        told === counts[name],
        () => `Workflow ${id}: its counter says ${told} ${name}, its tasks ${counts[name]}.`,
      );
    }
    findings.check(
      stateFits(workflow, counts),
      () => `Workflow ${id} is ${state}, with tasks ${JSON.stringify(counts)}.`,
    );
  }
}

function stateFits({ workflow }: WorkflowFacts, { total, succeeded, failed, dead, live }: Counts): boolean {
  switch (workflow.state) {
    case "running":
      return workflow.finishedAtMs === null && live > 0;
    case "succeeded":
      return workflow.finishedAtMs !== null && succeeded === total;
    case "failed":
      return workflow.finishedAtMs !== null && live === 0 && failed + dead > 0;
    case "cancelled":
      return workflow.finishedAtMs !== null && live === 0 && failed + dead === 0;
  }
}
