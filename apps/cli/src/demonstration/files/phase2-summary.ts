import type { Act, Measurement, TargetVerdict } from "@agent-hive/measurement";
import { z } from "zod";
import type { DemonstrationFile } from "./demonstration-file.js";
import { demonstratedWorkflow, reasonOf, VERDICTS, verdictOf, type DemonstrationOutcome } from "./outcome.js";
import { count, criterionSchema, milliseconds, reasonField, targetSchema } from "./parts.js";

const bytes = z.int().nonnegative().meta({ unit: "bytes" });
const perSecond = z.number().nonnegative().meta({ unit: "1/s" });

const byKindSchema = z.object({
  acts: count.describe("Processes that were struck so."),
  recovered: count.describe("Tasks that they held and that ran elsewhere."),
  p50Ms: milliseconds.nullable().describe("From the act until the task ran elsewhere: median; null of none."),
  p99Ms: milliseconds.nullable().describe("The 99th percentile."),
  maxMs: milliseconds.nullable().describe("The slowest."),
});

const figuresSchema = z.object({
  workflowMs: milliseconds
    .nullable()
    .describe("From the creation of the demonstrated workflow until its end; null if it has not ended."),
  crash: byKindSchema.describe("Kills (SIGKILL)."),
  freeze: byKindSchema.describe("Freezes (SIGSTOP)."),
  isolate: byKindSchema.describe("Cut networks."),
  lateResultsRefused: count.describe("Results of struck processes that came late and were refused."),
  tasks: count.describe("Tasks measured, of all workflows."),
  tasksRecordedOnce: count.describe("Those that succeeded with exactly one recorded success."),
  workflows: count.describe("Workflows of the window."),
  workflowsSucceeded: count.describe("Those that succeeded."),
  messagesPerSecond: perSecond.describe("Dispatches, deliveries and results through all streams."),
  tasksPerSecond: perSecond.describe("Successes recorded."),
  memoryPeakBytes: z
    .record(z.string(), bytes)
    .describe("By service: the most resident memory that any process of it had."),
});

const targetLineSchema = targetSchema.pick({ id: true, name: true, measured: true, unit: true, verdict: true });
const targetLines = z.array(targetLineSchema);

const targetsSchema = z.object({
  met: targetLines.describe("At the floor or better."),
  missed: targetLines.describe("Below the floor."),
  notMeasured: targetLines.describe("The run did not show them."),
});

const summarySchema = z.object({
  version: z.literal(1).describe("Version of this file's form."),
  verdict: z.enum(VERDICTS).describe("Passed if all criteria were met."),
  reason: reasonField,
  seed: z.int().describe("What the faults were drawn from: --seed strikes the same tasks again."),
  seconds: z.number().nonnegative().meta({ unit: "s" }).describe("How long the run took."),
  criteria: z.array(criterionSchema).describe("The eight criteria; empty if there was nothing to judge."),
  figures: figuresSchema.nullable().describe("Headline figures; null if nothing was measured."),
  targets: targetsSchema.describe("Targets by how the run stands to them."),
});
export type Phase2Summary = z.infer<typeof summarySchema>;

/** `phase2_summary.json`. */
export const summaryFile: DemonstrationFile<Phase2Summary> = {
  name: "phase2_summary.json",
  holds: "One screenful: the verdict, the eight criteria, headline figures, targets met and missed.",
  schema: summarySchema,
  make: summaryOf,
};

function summaryOf(outcome: DemonstrationOutcome): Phase2Summary {
  const { seed, seconds, criteria, measurement } = outcome;
  return {
    version: 1,
    verdict: verdictOf(outcome),
    reason: reasonOf(outcome),
    seed,
    seconds,
    criteria,
    figures: measurement === null ? null : figuresOf(outcome, measurement),
    targets: targetsOf(measurement?.targets ?? []),
  };
}

function figuresOf(outcome: DemonstrationOutcome, measurement: Measurement): Phase2Summary["figures"] {
  const { recoveries, completion, throughput } = measurement;
  return {
    workflowMs: workflowMs(outcome),
    crash: byKind("crash", measurement),
    freeze: byKind("freeze", measurement),
    isolate: byKind("isolate", measurement),
    lateResultsRefused: recoveries.reduce((sum, { fenced }) => sum + fenced, 0),
    tasks: measurement.tasks.length,
    tasksRecordedOnce: recordedOnce(measurement),
    workflows: completion.workflows,
    workflowsSucceeded: completion.succeeded,
    messagesPerSecond: throughput.messagesPerSecond,
    tasksPerSecond: throughput.tasksPerSecond,
    memoryPeakBytes: memoryPeaks(measurement),
  };
}

/** From the creation of the demonstrated workflow to its end, in milliseconds; null if it did not end or is not measured. */
export function workflowMs(outcome: DemonstrationOutcome): number | null {
  const workflow = demonstratedWorkflow(outcome);
  return workflow === null || workflow.finishedAtMs === null ? null : workflow.finishedAtMs - workflow.createdAtMs;
}

function byKind(kind: Act["kind"], { acts, recoveries, recoveryMs }: Measurement): z.infer<typeof byKindSchema> {
  const { p50, p99, max } = recoveryMs[kind];
  return {
    acts: acts.filter((act) => act.kind === kind).length,
    recovered: recoveries.filter((recovery) => recovery.kind === kind && recovery.runningMs !== null).length,
    p50Ms: p50,
    p99Ms: p99,
    maxMs: max,
  };
}

function recordedOnce({ tasks, attempts }: Measurement): number {
  const successes = attempts.filter(({ outcome }) => outcome === "succeeded");
  const byTask = Map.groupBy(successes, ({ workflowId, taskId }) => `${workflowId}:${taskId}`);
  return tasks.filter(
    ({ workflowId, taskId, state }) => state === "succeeded" && byTask.get(`${workflowId}:${taskId}`)?.length === 1,
  ).length;
}

function memoryPeaks({ processes }: Measurement): Record<string, number> {
  const byService = Map.groupBy(processes, ({ service }) => service);
  return Object.fromEntries(
    [...byService].map(([service, its]) => [service, Math.max(...its.map(({ rssPeakBytes }) => rssPeakBytes))]),
  );
}

function targetsOf(verdicts: readonly TargetVerdict[]): Phase2Summary["targets"] {
  const lines = (...some: TargetVerdict["verdict"][]) =>
    verdicts
      .filter(({ verdict }) => some.includes(verdict))
      .map(({ id, name, measured, unit, verdict }) => ({ id, name, measured, unit, verdict }));
  return { met: lines("aim met", "floor met"), missed: lines("missed"), notMeasured: lines("not measured") };
}
