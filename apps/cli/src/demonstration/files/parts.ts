/** What several of the files have in common. */
import { measurementSchema } from "@agent-hive/measurement";
import { z } from "zod";
import { described } from "./described.js";

export const milliseconds = z.number().nonnegative().meta({ unit: "ms" });
export const instant = z.number().meta({ unit: "ms since 1970" });
export const count = z.int().nonnegative();

const measured = measurementSchema.shape;

export const reasonField = z
  .string()
  .nullable()
  .describe("What is missing from this file and why, a sentence; null if nothing is.");

export const phaseSchema = z.object({
  title: z.string().describe("What the phase is called."),
  ms: milliseconds.describe("How long it took."),
  told: z.string().describe("Its last word."),
  error: z.string().nullable().describe("Why it failed; null if it did not."),
});
export type PhaseResult = z.infer<typeof phaseSchema>;

export const criterionSchema = z.object({
  name: z.string().describe("What is demanded."),
  met: z.boolean().describe("Whether it was met."),
  found: z.string().describe("What was found, as a person reads it."),
});
export type Criterion = z.infer<typeof criterionSchema>;

export const environmentSchema = z.object({
  node: z.string().describe("Version of Node.js."),
  platform: z.string().describe("The operating system, as Node.js names it."),
  cores: z.int().positive().describe("Processors of the machine."),
  memoryBytes: z.int().positive().meta({ unit: "bytes" }).describe("Memory of the machine."),
  settings: z.record(z.string(), z.string()).describe("Versions and settings of the stores by name; empty if unknown."),
});
export type Environment = z.infer<typeof environmentSchema>;

const distributionSchema = described(measured.queueingMs, {
  count: "How many values there were.",
  min: "The smallest, in milliseconds; null if there were none.",
  p50: "The median, by nearest rank, in milliseconds.",
  p95: "The 95th percentile, in milliseconds.",
  p99: "The 99th percentile, in milliseconds.",
  max: "The largest, in milliseconds.",
});

/** How times lie. */
export const distributionOf = (what: string) => distributionSchema.nullable().describe(what);

export const recoveryTimesField = described(
  z.object({ crash: distributionSchema, freeze: distributionSchema, isolate: distributionSchema }),
  {
    crash: "After a kill (SIGKILL).",
    freeze: "After a freeze (SIGSTOP).",
    isolate: "After a cut network.",
  },
)
  .nullable()
  .describe("From the act until the task ran in another process, by kind of act; null if nothing was measured.");

export const windowField = described(measured.window, {
  fromMs: "When the measured window began, by PostgreSQL's clock.",
  toMs: "When it ended.",
  seconds: "How long it was.",
})
  .nullable()
  .describe("The time that was measured; null if nothing was.");

export const targetSchema = described(measured.targets.element, {
  id: "Its name for programs.",
  name: "Its name for people.",
  unit: "The unit of floor, aim and what was measured.",
  floor: "What must be reached; null if nothing must.",
  aim: "What is aimed at; null if it is no more than the floor.",
  better: "Whether more or less is better.",
  measured: "What the run came to, in the target's unit; null if it did not show it.",
  verdict: "How what was measured stands to floor and aim.",
  how: "How it was measured, a sentence.",
});

export const recoverySchema = described(measured.recoveries.element, {
  kind: "What was done to the process.",
  agentId: "The agent that was struck.",
  incarnation: "The life of it that was struck.",
  agentType: "Its type.",
  group: "Its consumer group.",
  workflowId: "The workflow of the task that it held.",
  taskId: "The task that it held.",
  attempt: "The attempt that it held.",
  atMs: "When it was struck, by the clock of who struck it.",
  noticedMs: "From the act until the verdict on the process; null if unknown.",
  claimedMs: "From the act until another process claimed the entry, by events; null if unknown.",
  runningMs: "From the act until the task ran elsewhere, by the recorded history; null if it never did.",
  recordedMs: "From the act until its result was recorded; null if it never was.",
  recoveredBy: "The agent that it ran on then; null if nobody is known.",
  fenced: "Late results of the struck process that were refused.",
});
