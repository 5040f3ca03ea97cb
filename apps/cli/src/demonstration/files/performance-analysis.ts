import { measurementSchema } from "@agent-hive/measurement";
import { z } from "zod";
import { performanceSchema } from "../../performance/performance.js";
import type { DemonstrationFile } from "./demonstration-file.js";
import { described } from "./described.js";
import { reasonOf, type DemonstrationOutcome } from "./outcome.js";
import { distributionOf, reasonField, recoveryTimesField, targetSchema, windowField } from "./parts.js";

const measured = measurementSchema.shape;
const { streams, series } = measured.throughput.shape;

const streamSchema = described(streams.element, {
  stream: "The stream: of dispatches, of one agent type, or of results.",
  messages: "Messages that it carried in the window.",
  perSecond: "The same over the seconds of the window.",
});

const loadPointSchema = described(series.element, {
  atMs: "The second that this is of, by its beginning.",
  recordedPerSecond: "Successes recorded in it.",
  inFlight: "Attempts that were dispatched and not yet recorded.",
});

const throughputSchema = described(
  measured.throughput.extend({ streams: z.array(streamSchema), series: z.array(loadPointSchema) }),
  {
    streams: "By stream.",
    messagesPerSecond: "Messages through all streams: a task costs three, its dispatch, its delivery and its result.",
    tasksPerSecond: "Successes recorded.",
    workflowsPerSecond: "Workflows ended.",
    series: "Second by second; in longer steps beyond 1,000 seconds.",
  },
);

const completionSchema = described(measured.completion, {
  workflows: "Workflows of the window.",
  succeeded: "Those that succeeded.",
  rate: "Of those that ended, the part that succeeded, from 0 to 1; null if none ended.",
});

const concurrencySchema = described(measured.concurrency, {
  mostRunning: "The most attempts that ran at once.",
  mostWorkflows: "The most workflows that were created and had not ended.",
});

const sampleSchema = described(measured.processes.element.shape.samples.element, {
  atMs: "When it was read.",
  rssBytes: "Resident memory.",
  cpuShare: "Processor time since the sample before over the time since then: 1 is one core.",
});

const processSchema = described(measured.processes.element.extend({ samples: z.array(sampleSchema) }), {
  name: "The process, as it registered.",
  service: "Which service it runs.",
  pid: "Its id in the operating system.",
  rssMedianBytes: "Median of its resident memory.",
  rssPeakBytes: "Most of its resident memory.",
  cpuSeconds: "Processor time between its first and its last sample.",
  samples: "What was read of it, once a second.",
});

const partSchema = described(measured.coverage.shape.tasks, {
  all: "How many the window had.",
  measured: "How many of them are measured one by one.",
});

const coverageSchema = described(z.object({ workflows: partSchema, tasks: partSchema }), {
  workflows: "Workflows.",
  tasks: "Tasks.",
});

const analysisSchema = z.object({
  version: z.literal(2).describe("Version of this file's form."),
  reason: reasonField,
  window: windowField,
  throughput: throughputSchema.nullable().describe("How much went through; null if nothing was measured."),
  completion: completionSchema.nullable().describe("What became of the workflows; null if nothing was measured."),
  concurrency: concurrencySchema.nullable().describe("What went on at once; null if nothing was measured."),
  queueingMs: distributionOf("From ready to the first start of each task; null if nothing was measured."),
  runningMs: distributionOf("How long each attempt ran that ended; null if nothing was measured."),
  recoveryMs: recoveryTimesField,
  processes: z.array(processSchema).describe("Memory and processor time of every process."),
  targets: z.array(targetSchema).describe("Every target with its verdict."),
  coverage: coverageSchema
    .nullable()
    .describe("Whether the distributions are of all tasks or of a sample; null if nothing was measured."),
  absent: z.array(z.string()).describe("What could not be measured and why, each a sentence."),
  load: performanceSchema
    .nullable()
    .describe("What a hive did under load, beside the demonstrated one; null if that was not asked for."),
});
export type PerformanceAnalysis = z.infer<typeof analysisSchema>;

/** `performance_analysis.json`. */
export const analysisFile: DemonstrationFile<PerformanceAnalysis> = {
  name: "performance_analysis.json",
  holds: "Throughput, distributions of times, memory and processor time of every process, and targets with verdicts.",
  schema: analysisSchema,
  make: performanceAnalysis,
};

/** Shows what was measured as it is: nothing is computed anew. */
function performanceAnalysis(outcome: DemonstrationOutcome): PerformanceAnalysis {
  const { measurement } = outcome;
  return {
    version: 2,
    reason: reasonOf(outcome),
    window: measurement?.window ?? null,
    throughput: measurement?.throughput ?? null,
    completion: measurement?.completion ?? null,
    concurrency: measurement?.concurrency ?? null,
    queueingMs: measurement?.queueingMs ?? null,
    runningMs: measurement?.runningMs ?? null,
    recoveryMs: measurement?.recoveryMs ?? null,
    processes: measurement?.processes ?? [],
    targets: measurement?.targets ?? [],
    coverage: measurement?.coverage ?? null,
    absent: measurement?.absent ?? [],
    load: outcome.performance,
  };
}
