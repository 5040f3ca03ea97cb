import { TERMINAL_TASK_STATUSES } from "@agent-hive/domain";
import { nameOf, type Facts, type WorkflowFacts } from "../facts.js";
import type { Measurement, Recovery } from "../measurement.js";
import { figuresInEvents, RATE_TOLERANCE, type PublishedFigure } from "../published-figures.js";
import { countsOf } from "./conserved.js";
import type { Findings } from "./findings.js";

type Figure<Kind extends PublishedFigure["kind"]> = Extract<PublishedFigure, { kind: Kind }>;

/** The recomputed figures that published ones are compared with. */
export type Recomputed = Pick<Measurement, "recoveries" | "throughput">;

/**
 * I11, honest figures. Looks at every figure that others published of what was measured: the counters by which the API
 * answers, what events tell, and what was handed in. Each equals the one recomputed: counts exactly, times to the clocks'
 * tolerance, rates to two percent. What is told of workflows outside of the window is not looked at.
 */
export function judgeHonestFigures(facts: Facts, recomputed: Recomputed, findings: Findings): void {
  const workflows = new Map(facts.workflows.map((workflow) => [workflow.workflow.id, workflow]));
  const counters = facts.workflows.map(({ workflow }): Figure<"workflow"> => {
    const { total, succeeded, failed, cancelled, dead } = workflow;
    const counts = { total, succeeded, failed, cancelled, dead };
    return { kind: "workflow", source: "the API", workflowId: workflow.id, counts };
  });
  const recoveries = new Map(recomputed.recoveries.map((each) => [recoveryKey(each), each]));
  const grounds = { facts, workflows, recoveries, throughput: recomputed.throughput };
  for (const figure of [...counters, ...figuresInEvents(facts.records.events), ...facts.records.published]) {
    judgeFigure(figure, grounds, findings);
  }
}

interface Grounds extends Pick<Recomputed, "throughput"> {
  facts: Facts;
  workflows: ReadonlyMap<string, WorkflowFacts>;
  recoveries: ReadonlyMap<string, Recovery>;
}

const recoveryKey = ({ workflowId, taskId, incarnation }: Pick<Recovery, "workflowId" | "taskId" | "incarnation">) =>
  `${workflowId} ${taskId} ${incarnation}`;

function judgeFigure(figure: PublishedFigure, grounds: Grounds, findings: Findings): void {
  switch (figure.kind) {
    case "workflow":
      return judgeWorkflowFigure(figure, grounds, findings);
    case "result":
      return judgeResultFigure(figure, grounds, findings);
    case "recovery":
      return judgeRecoveryFigure(figure, grounds, findings);
    case "throughput":
      return judgeThroughputFigure(figure, grounds, findings);
  }
}

function judgeWorkflowFigure(
  { source, workflowId, state, counts }: Figure<"workflow">,
  { workflows }: Grounds,
  findings: Findings,
): void {
  const workflow = workflows.get(workflowId);
  if (workflow === undefined) return;
  if (state !== undefined) {
    const actual = workflow.workflow.state;
    findings.check(state === actual, () => `${source}: workflow ${workflowId} is ${state}; it is ${actual}.`);
  }
  const recounted = countsOf(workflow);
  for (const name of ["total", "live", ...TERMINAL_TASK_STATUSES] as const) {
    const told = counts?.[name];
    if (told === undefined) continue;
    findings.check(
      told === recounted[name],
      () => `${source}: workflow ${workflowId} has ${told} ${name}; it has ${recounted[name]}.`,
    );
  }
}

function judgeResultFigure(
  { source, workflowId, taskId, attempt, incarnation }: Figure<"result">,
  { facts, workflows }: Grounds,
  findings: Findings,
): void {
  if (!workflows.has(workflowId)) return;
  const task = facts.taskNamed(workflowId, taskId);
  const isRecorded = task?.ends.some(
    (end) => end.outcome === "succeeded" && end.attempt === attempt && end.incarnation === incarnation,
  );
  const name = task === undefined ? `Task "${taskId}" of ${workflowId}` : nameOf(task);
  findings.check(
    isRecorded === true,
    () => `${source}: ${name} succeeded with attempt ${attempt} by ${incarnation}; that is not on record.`,
  );
}

function judgeRecoveryFigure(figure: Figure<"recovery">, { facts, recoveries }: Grounds, findings: Findings): void {
  const { source, workflowId, taskId, part, ms } = figure;
  const recovery = recoveries.get(recoveryKey(figure));
  if (recovery === undefined) return;
  const actual = recovery[part];
  findings.check(
    actual !== null && Math.abs(actual - ms) <= facts.records.clockToleranceMs,
    () => `${source}: ${part} of "${taskId}" of ${workflowId} is ${ms}; recomputed it is ${actual ?? "unknown"}.`,
  );
}

function judgeThroughputFigure(
  { source, of, perSecond }: Figure<"throughput">,
  { throughput }: Grounds,
  findings: Findings,
): void {
  const actual = throughput[`${of}PerSecond`];
  findings.check(
    Math.abs(actual - perSecond) <= RATE_TOLERANCE * actual,
    () => `${source}: ${perSecond} ${of} a second; recomputed it is ${actual}.`,
  );
}
