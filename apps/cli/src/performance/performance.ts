/** What the performance part of a demonstration comes to. */
import { z } from "zod";
import { count, criterionSchema, distributionOf, milliseconds } from "../demonstration/files/parts.js";

const perSecond = z.number().nonnegative().meta({ unit: "1/s" });
const seconds = z.number().nonnegative().meta({ unit: "s" });

const stepSchema = z.object({
  offered: perSecond.describe("Messages a second that the submitted workflows cost, three for each of their tasks."),
  measured: perSecond.describe("Messages a second that went through all services, by the validator."),
  seconds: seconds.describe("How long the load was offered."),
  accepted: count.describe("Workflows that the engine took."),
  open: count.describe("Workflows that were still running when the last of them had been taken."),
  held: z
    .boolean()
    .describe(
      "Whether the hive kept up: it took 95 % of what was offered, and no more were open than a second brings.",
    ),
});
export type LoadStep = z.infer<typeof stepSchema>;

const processSchema = z.object({
  name: z.string().describe("The process."),
  service: z.string().describe("Which service it runs."),
  rssMedianBytes: z.int().nonnegative().meta({ unit: "bytes" }).describe("Median of its resident memory."),
  rssPeakBytes: z.int().nonnegative().meta({ unit: "bytes" }).describe("Most of its resident memory."),
  cpuSeconds: seconds.describe("Processor time that it took."),
});

/** What is judged of every run under load. */
const load = {
  workflows: count.describe("Workflows that were submitted."),
  succeeded: count.describe("Those that succeeded, by PostgreSQL."),
  kills: count.describe("Agents that were killed (SIGKILL) on the way."),
  violations: count.describe("Cases in which a task was lost (I1) or recorded twice (I2)."),
  recoveryMs: distributionOf("From a kill until a task that the process held ran in another one."),
};

const sustainedSchema = z.object({
  ...load,
  offered: perSecond.describe("Messages a second that were offered."),
  measured: perSecond.describe("Messages a second that went through all services, by the validator."),
  seconds: seconds.describe("How long the load was offered."),
  series: z
    .array(
      z.object({
        atMs: milliseconds.describe("Since the begin."),
        recordedPerSecond: perSecond.describe("Tasks recorded each second."),
        inFlight: count.describe("Attempts that were dispatched and not yet recorded."),
      }),
    )
    .describe("How it went on."),
  strikes: z
    .array(
      z.object({ atMs: milliseconds.describe("Since the begin."), agentId: z.string().describe("Who was killed.") }),
    )
    .describe("When agents were killed."),
  processes: z.array(processSchema).describe("Memory and processor time of every process."),
});
export type SustainedLoad = z.infer<typeof sustainedSchema>;

const crowdSchema = z.object({
  ...load,
  seconds: seconds.describe("From the first creation to the last end, by PostgreSQL's clock."),
  p50Ms: milliseconds.nullable().describe("Median of creation to end of a workflow; null if none ended."),
  p95Ms: milliseconds.nullable().describe("95th percentile of it."),
  p99Ms: milliseconds.nullable().describe("99th percentile of it."),
});
export type Crowd = z.infer<typeof crowdSchema>;

export const performanceSchema = z.object({
  agentsPerType: count.describe("Agent processes of each type."),
  slots: count.describe("Tasks that each of them runs at once."),
  steps: z.array(stepSchema).describe("Load in steps, until the hive did not keep up."),
  limit: perSecond.nullable().describe("The highest rate that was measured in a step; null if there was none."),
  sustained: sustainedSchema.nullable().describe("Load for minutes, with kills; null if it did not come to that."),
  atOnce: z.array(crowdSchema).describe("Many workflows at once, with a kill each time."),
  criteria: z.array(criterionSchema).describe("What was demanded, and whether it was met."),
  problem: z.string().nullable().describe("Why not everything was measured, a sentence; null if it was."),
});
export type Performance = z.infer<typeof performanceSchema>;
