import { z } from "zod";
import { WORKFLOW_STATES, type HiveEvent } from "@agent-hive/contracts";
import { recoverySchema } from "./measurement.js";

const source = z.string().min(1).max(200);
const name = z.string().min(1).max(128);
const count = z.int().nonnegative();

/** The parts of a recovery that can be told of. */
const RECOVERY_PARTS = ["noticedMs", "claimedMs", "runningMs", "recordedMs"] as const;

/** How far a rate that somebody publishes may be from the recomputed one: two readings have two windows. */
export const RATE_TOLERANCE = 0.02;

/** A figure that somebody else published of a run, to be compared with the one recomputed (I11). */
export const publishedFigureSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("workflow"),
    source,
    workflowId: z.uuid(),
    state: z.enum(WORKFLOW_STATES).optional(),
    counts: z
      .strictObject({ total: count, succeeded: count, failed: count, cancelled: count, dead: count, live: count })
      .partial()
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("result"),
    source,
    workflowId: z.uuid(),
    taskId: name,
    attempt: z.int().positive(),
    incarnation: name,
  }),
  z.strictObject({
    kind: z.literal("recovery"),
    source,
    workflowId: z.uuid(),
    taskId: name,
    /** Of the process that was struck. */
    incarnation: name,
    part: z.enum(RECOVERY_PARTS),
    ms: recoverySchema.shape.runningMs.unwrap(),
  }),
  z.strictObject({
    kind: z.literal("throughput"),
    source,
    of: z.enum(["messages", "tasks", "workflows"]),
    perSecond: z.number().nonnegative(),
  }),
]);
export type PublishedFigure = z.infer<typeof publishedFigureSchema>;

const ENDS = new Map<HiveEvent["type"], Extract<PublishedFigure, { kind: "workflow" }>["state"]>([
  ["workflow.succeeded", "succeeded"],
  ["workflow.failed", "failed"],
  ["workflow.cancelled", "cancelled"],
]);

/**
 * The figures that events tell: how a workflow ended, with its counts if `data.counts` has them; whose result was recorded;
 * and in `data.recovery` (`{ from, part, ms }`) how long a recovery took. What does not parse tells nothing.
 */
export function figuresInEvents(events: readonly HiveEvent[]): PublishedFigure[] {
  return events
    .flatMap((event) => [endIn(event), resultIn(event), recoveryIn(event)].filter((figure) => figure !== undefined))
    .flatMap((figure) => publishedFigureSchema.safeParse(figure).data ?? []);
}

function endIn({ type, workflowId, data }: HiveEvent): unknown {
  const state = ENDS.get(type);
  if (state === undefined) return undefined;
  return { kind: "workflow", source: `event ${type}`, workflowId, state, counts: data?.["counts"] };
}

function resultIn({ type, workflowId, taskId, attempt, incarnation }: HiveEvent): unknown {
  if (type !== "task.succeeded") return undefined;
  return { kind: "result", source: `event ${type}`, workflowId, taskId, attempt, incarnation };
}

function recoveryIn({ type, workflowId, taskId, data }: HiveEvent): unknown {
  const recovery = data?.["recovery"] as Record<string, unknown> | null | undefined;
  if (typeof recovery !== "object" || recovery === null) return undefined;
  const { from: incarnation, part, ms } = recovery;
  return { kind: "recovery", source: `event ${type}`, workflowId, taskId, incarnation, part, ms };
}
