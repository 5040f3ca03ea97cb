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

const perSecond = z.number().nonnegative().meta({ unit: "1/s" });
const ms = z.number().nonnegative().meta({ unit: "ms" });
const count = z.int().nonnegative();
const load = { workflows: count, succeeded: count, kills: count, violations: count };

/** What a hive did under load. */
const underLoadSchema = z.object({
  criteria: z.array(criterionSchema),
  /** Messages a second that were offered, and that went through. */
  steps: z.array(z.object({ offered: perSecond, measured: perSecond, open: count, held: z.boolean() })),
  sustained: z
    .object({
      ...load,
      offered: perSecond,
      measured: perSecond,
      seconds: z.number().nonnegative().meta({ unit: "s" }),
      recoveryMs: z
        .object({ p50: z.number().nullable(), p99: z.number().nullable(), max: z.number().nullable() })
        .nullable(),
      /** Times since its begin. */
      series: z.array(z.object({ atMs: ms, recordedPerSecond: perSecond, inFlight: count })),
      strikes: z.array(z.object({ atMs: ms, agentId: z.string() })),
    })
    .nullable(),
  /** Many workflows at once, and from creation to end of each. */
  atOnce: z.array(
    z.object({
      ...load,
      seconds: z.number().nonnegative().meta({ unit: "s" }),
      p50Ms: ms.nullable(),
      p95Ms: ms.nullable(),
      p99Ms: ms.nullable(),
    }),
  ),
  /** Why not everything was measured. */
  problem: z.string().nullable(),
});
export type UnderLoad = z.infer<typeof underLoadSchema>;

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
  /** Where its trace can be looked at. Null if nobody said where. */
  traceUrl: z.url({ protocol: /^https?$/ }).nullable(),
  /** Null if no load was asked for. */
  underLoad: underLoadSchema.nullable(),
});
export type ReportInput = z.infer<typeof reportInputSchema>;
