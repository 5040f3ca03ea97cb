import { hiveEventSchema } from "@agent-hive/contracts";
import { measurementSchema } from "@agent-hive/measurement";
import { z } from "zod";
import type { DemonstrationFile } from "./demonstration-file.js";
import { described } from "./described.js";
import {
  demonstratedWorkflow,
  ofDemonstrated,
  reasonOf,
  VERDICTS,
  verdictOf,
  type DemonstrationOutcome,
} from "./outcome.js";
import {
  count,
  criterionSchema,
  environmentSchema,
  milliseconds,
  phaseSchema,
  reasonField,
  recoverySchema,
  recoveryTimesField,
} from "./parts.js";
import { workflowMs } from "./phase2-summary.js";

const measured = measurementSchema.shape;

const workflowSchema = described(measured.workflows.element, {
  id: "Its id.",
  name: "Its name.",
  state: "How it stood at the end.",
  createdAtMs: "When PostgreSQL had it.",
  finishedAtMs: "When it ended; null if it has not.",
  tasks: "How many tasks it has.",
  succeeded: "How many of them succeeded.",
  failed: "How many failed.",
  cancelled: "How many were cancelled.",
  dead: "How many were set aside as dead letters.",
  traceId: "Its trace, here and in workflow_execution_trace.json.",
});

const taskSchema = described(measured.tasks.element, {
  workflowId: "Its workflow.",
  taskId: "Its name.",
  position: "Its place in the definition, from 0.",
  agentType: "Who can do it.",
  dependsOn: "The tasks that come before it.",
  state: "How it stood at the end.",
  attempts: "Attempts granted.",
  crashes: "Processes that crashed while they held it.",
  readyAtMs: "When its last dependency was recorded, or its workflow created; null while it waits.",
  finishedAtMs: "When it ended; null if it has not.",
  isCritical: "On the chain of dependencies that decided when the workflow ended.",
});

const attemptSchema = described(measured.attempts.element, {
  workflowId: "Its workflow.",
  taskId: "Its task.",
  attempt: "Its number, from 1. A claimed delivery has the number of the one that was lost.",
  outcome:
    "How it ended. Crashed, frozen and lost are deliveries that went with their process, fenced is a late result.",
  agentType: "The type of its agent.",
  agentId: "Its agent; null where only the incarnation is recorded.",
  incarnation: "The life of the process that had it.",
  entryId: "Its message in the stream.",
  dispatchedAtMs: "When it was dispatched.",
  startedAtMs: "When it started, by the clock of its agent.",
  finishedAtMs: "When its handler ended, by the clock of its agent.",
  recordedAtMs: "When PostgreSQL had it.",
});

const eventSchema = described(hiveEventSchema, {
  type: "What happened.",
  at: "When (ISO 8601, UTC), by the clock of who told it.",
  workflowId: "The workflow that it is about.",
  taskId: "The task that it is about.",
  position: "The task's place in the definition, from 0.",
  attempt: "The attempt that it is about.",
  agentType: "The agent type.",
  agentId: "The agent.",
  incarnation: "The life of the agent's process.",
  group: "The consumer group.",
  data: "What else belongs to it.",
});

const listedFileSchema = z.object({
  name: z.string().describe("Its name below the output folder."),
  holds: z.string().describe("What one finds in it."),
  isThere: z.boolean().describe("Whether it was there when this file was written."),
});
export type ListedFile = z.infer<typeof listedFileSchema>;

const resultsSchema = z.object({
  version: z.literal(2).describe("Version of this file's form."),
  verdict: z.enum(VERDICTS).describe("Passed if all criteria were met."),
  passed: z.boolean().describe("The same as a boolean."),
  reason: reasonField,
  interrupted: z.boolean().describe("Whether somebody stopped the run."),
  seed: z.int().describe("What the faults were drawn from: --seed strikes the same tasks again."),
  startedAt: z.iso.datetime().describe("When the run began (ISO 8601, UTC)."),
  seconds: z.number().nonnegative().meta({ unit: "s" }).describe("How long it took."),
  environment: environmentSchema.describe("The machine and the versions."),
  phases: z.array(phaseSchema).describe("The phases that were begun, in order."),
  criteria: z.array(criterionSchema).describe("The eight criteria; empty if there was nothing to judge."),
  workflow: workflowSchema.nullable().describe("The demonstrated workflow; null if it was not measured."),
  makespanMs: milliseconds.nullable().describe("From its creation until its end; null if it has not ended."),
  tasks: z.array(taskSchema).describe("Its tasks, in their order."),
  attempts: z.array(attemptSchema).describe("The history of its attempts and of deliveries that were lost."),
  recoveries: z.array(recoverySchema).describe("What became of its tasks whose process was struck."),
  recoveryMs: recoveryTimesField,
  refusedResults: count.describe("Late results of struck processes that were refused, of its tasks."),
  applicationProblems: z
    .array(z.string())
    .nullable()
    .describe("What is wrong with the application that was built: empty if nothing is, null if it was not tried."),
  memory: z
    .array(
      described(measured.processes.element.pick({ name: true, rssMedianBytes: true, rssPeakBytes: true }), {
        name: "The process.",
        rssMedianBytes: "Median of its resident memory.",
        rssPeakBytes: "Most of its resident memory.",
      }),
    )
    .describe("Memory of every process."),
  outputDir: z.string().describe("The folder of the files and of the built application."),
  files: z.array(listedFileSchema).describe("The nine files of a demonstration."),
  events: z.array(eventSchema).describe("What the hive told meanwhile: best effort, no evidence."),
});
export type DemonstrationResults = z.infer<typeof resultsSchema>;

/** `demonstration_results.json`, without knowing yet which files are there. */
export const resultsFile: DemonstrationFile<DemonstrationResults> = {
  name: "demonstration_results.json",
  holds: "The whole run: verdict, phases, criteria, the demonstrated workflow with tasks, attempts and recoveries.",
  schema: resultsSchema,
  make: (outcome) => demonstrationResults(outcome, []),
};

/**
 * What `demonstration_results.json` holds.
 *
 * @param files the nine, with which of them are there: known only when the others have been written.
 */
export function demonstrationResults(outcome: DemonstrationOutcome, files: ListedFile[]): DemonstrationResults {
  const { measurement, interrupted, seed, startedAt, seconds, environment, phases, criteria } = outcome;
  const recoveries = ofDemonstrated(outcome, measurement?.recoveries);
  return {
    version: 2,
    verdict: verdictOf(outcome),
    passed: verdictOf(outcome) === "passed",
    reason: reasonOf(outcome),
    interrupted,
    seed,
    startedAt,
    seconds,
    environment,
    phases,
    criteria,
    workflow: demonstratedWorkflow(outcome),
    makespanMs: workflowMs(outcome),
    tasks: ofDemonstrated(outcome, measurement?.tasks),
    attempts: ofDemonstrated(outcome, measurement?.attempts),
    recoveries,
    recoveryMs: measurement?.recoveryMs ?? null,
    refusedResults: recoveries.reduce((sum, { fenced }) => sum + fenced, 0),
    applicationProblems: outcome.applicationProblems,
    memory: (measurement?.processes ?? []).map(({ name, rssMedianBytes, rssPeakBytes }) => ({
      name,
      rssMedianBytes,
      rssPeakBytes,
    })),
    outputDir: outcome.outputDir,
    files,
    events: outcome.events,
  };
}
