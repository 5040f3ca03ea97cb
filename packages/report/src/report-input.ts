import { measurementSchema } from "@agent-hive/measurement";
import { z } from "zod";

const criterionSchema = z.object({
  name: z.string(),
  met: z.boolean(),
  /** What was found, as a person reads it. */
  found: z.string(),
});
export type Criterion = z.infer<typeof criterionSchema>;

const PHASE_STATES = ["done", "failed", "not reached"] as const;

const phaseSchema = z.object({
  name: z.string(),
  state: z.enum(PHASE_STATES),
  seconds: z.number().nonnegative().meta({ unit: "s" }),
  /** Its last word. */
  detail: z.string(),
});
export type Phase = z.infer<typeof phaseSchema>;

/** All that a report is made from. It is shown as it is: nothing in it is trusted to be markup. */
export const reportInputSchema = z.object({
  title: z.string(),
  generatedAt: z.iso.datetime(),
  verdict: z.enum(["passed", "failed"]),
  /** What decides the verdict; eight in a demonstration. */
  criteria: z.array(criterionSchema),
  phases: z.array(phaseSchema),
  measurement: measurementSchema,
  /** Versions, machine and settings of the stores, in the order in which they are shown. */
  environment: z.record(z.string(), z.string()),
  /** The workflow whose story is told; others of the measurement stand beside it. */
  workflowId: z.uuid(),
});
export type ReportInput = z.infer<typeof reportInputSchema>;
