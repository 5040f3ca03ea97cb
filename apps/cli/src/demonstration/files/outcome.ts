import type { HiveEvent } from "@agent-hive/contracts";
import type { Measurement } from "@agent-hive/measurement";
import type { Performance } from "../../performance/performance.js";
import type { Criterion, Environment, PhaseResult } from "./parts.js";

/** How many criteria decide on a demonstration; with fewer it never came to be judged. */
const CRITERIA = 8;

export const VERDICTS = ["passed", "failed", "interrupted"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * All that the files of a demonstration are made from. What a run did not come to is null or empty, however early it ended:
 * every file can be made from every outcome, and says itself what is missing from it.
 */
export interface DemonstrationOutcome {
  /** What the faults were drawn from; with the same one the same tasks are struck. */
  seed: number;
  /** When it began, by this machine's clock (ISO 8601, UTC). */
  startedAt: string;
  /** How long it took, all phases and what is between them. */
  seconds: number;
  /** The phases that were begun, in order. */
  phases: PhaseResult[];
  /** Those of the load among them; empty if there was nothing to judge. */
  criteria: Criterion[];
  environment: Environment;
  /** The folder of the log, the report and the built application. */
  outputDir: string;
  /** The demonstrated workflow; null if none was submitted. Others of the measurement ran beside it. */
  workflowId: string | null;
  /** What the validator recomputed from the records; null if it did not come to that. */
  measurement: Measurement | null;
  /** What is wrong with the application that was built: empty if nothing is, null if it was not tried. */
  applicationProblems: string[] | null;
  /** What the hive told about itself meanwhile: best effort, for onlookers. */
  events: HiveEvent[];
  /** What the hive did under load; null if that was not asked for, or the run did not come to it. */
  performance: Performance | null;
  /** Whether load was asked for. */
  performanceMode: boolean;
  /** Whether somebody stopped it. */
  interrupted: boolean;
}

/** What the run came to; passed only if all criteria were judged and met, those of the load too if it was asked for. */
export function verdictOf(outcome: DemonstrationOutcome): Verdict {
  if (outcome.interrupted) return "interrupted";
  const { criteria, performance, performanceMode } = outcome;
  if (criteria.length < CRITERIA || (performanceMode && performance === null)) return "failed";
  return criteria.every(({ met }) => met) ? "passed" : "failed";
}

/** The demonstrated workflow, if it was measured. */
export function demonstratedWorkflow({ measurement, workflowId }: DemonstrationOutcome) {
  return measurement?.workflows.find(({ id }) => id === workflowId) ?? null;
}

/** Which of a measurement's rows are of the demonstrated workflow. */
export function ofDemonstrated<Row extends { workflowId: string }>(
  { workflowId }: DemonstrationOutcome,
  rows: readonly Row[] = [],
): Row[] {
  return rows.filter((row) => row.workflowId === workflowId);
}

/** Why something is missing from the files, a sentence; null if nothing is. */
export function reasonOf(outcome: DemonstrationOutcome): string | null {
  const missing = missingFrom(outcome);
  return missing === undefined ? null : `${missing}${causeOf(outcome)}.`;
}

function missingFrom(outcome: DemonstrationOutcome): string | undefined {
  if (outcome.measurement === null) return "Nothing was measured";
  if (outcome.workflowId === null) return "No workflow was submitted";
  const workflow = demonstratedWorkflow(outcome);
  if (workflow === null) return `Workflow ${outcome.workflowId} is not part of the measurement`;
  if (workflow.finishedAtMs === null) return `Workflow ${outcome.workflowId} had not ended when it was measured`;
  return undefined;
}

function causeOf({ interrupted, phases }: DemonstrationOutcome): string {
  if (interrupted) return `: the run was interrupted in phase "${phases.at(-1)?.title ?? "none"}"`;
  const failed = phases.find(({ error }) => error !== null);
  return failed ? `: phase "${failed.title}" failed: ${failed.error?.replace(/\.$/, "")}` : "";
}
