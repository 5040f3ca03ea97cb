import type { AttemptView, TaskView, WorkflowView } from "@agent-hive/contracts";
import type { AgentType } from "@agent-hive/launcher";
import { duration } from "../../terminal/print.js";
import { wholeGroup } from "../agents.js";
import { judged, skipped, type Bench, type Check, type Finding } from "../check.js";
import { diamond, ended, lackOfHandlers, submitOne } from "../workload.js";

/** A workflow that has ended, and the history of its tasks. */
export interface EndedWorkflow {
  workflow: Pick<WorkflowView, "id" | "state" | "createdAt" | "finishedAt" | "failure">;
  tasks: Pick<TaskView, "id" | "state">[];
  attempts: Pick<AttemptView, "taskId" | "outcome">[];
}

/** That agents of the type really do work: four tasks with dependencies, through every service. */
export function workflowCheck(agentType: AgentType): Check {
  return {
    id: `workflow-${agentType}`,
    title: `A small workflow through "${agentType}"`,
    severity: "needed",
    wanted: "it succeeds, and each of its tasks is recorded once",
    run: (bench) => runWorkflow(bench, agentType),
  };
}

async function runWorkflow(bench: Bench, agentType: AgentType): Promise<Finding> {
  const lack = lackOfHandlers(await wholeGroup(bench, agentType));
  if (lack !== undefined) return skipped(lack);
  const id = await submitOne(bench, diamond(agentType));
  const workflow = await ended(bench, id);
  return judgeWorkflow({ workflow, tasks: await bench.client.tasks(id), attempts: await bench.client.attempts(id) });
}

export function judgeWorkflow({ workflow, tasks, attempts }: EndedWorkflow): Finding {
  const { id, state, createdAt, finishedAt, failure } = workflow;
  const wrong = wronglyRecorded(tasks, attempts);
  const tookMs = finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(createdAt);
  const why = failure === null ? "" : `: ${failure.taskId}: ${failure.error.message}`;
  return judged(
    state === "succeeded" && wrong.length === 0,
    wrong.length > 0
      ? `workflow ${id} ${state}${why}; ${wrong.join(", ")}`
      : `${state}${why}, ${tasks.length} tasks recorded once${tookMs === null ? "" : `, in ${duration(tookMs)}`}`,
    `See its attempts at /v1/workflows/${id}/attempts of the engine, and what the agents log.`,
    tookMs === null ? [] : [{ name: "submission to the last recorded result", value: tookMs, unit: "ms" }],
  );
}

/** Tasks whose result is not in the history exactly once, each in words. */
function wronglyRecorded(tasks: EndedWorkflow["tasks"], attempts: EndedWorkflow["attempts"]): string[] {
  return tasks.flatMap(({ id, state }) => {
    const times = attempts.filter(({ taskId, outcome }) => taskId === id && outcome === "succeeded").length;
    return times === 1 ? [] : [`task ${id} is ${state}, recorded ${times} times`];
  });
}
