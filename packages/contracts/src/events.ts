import { z } from "zod";

/** Everything the hive tells about itself while it works. Best effort: for onlookers, never for decisions. */
export const EVENT_TYPES = [
  "workflow.submitted",
  "workflow.succeeded",
  "workflow.failed",
  "workflow.cancelled",
  "task.dispatched",
  "task.started",
  "task.progress",
  "task.result-sent",
  "task.succeeded",
  "task.failed",
  "task.retrying",
  "task.cancelled",
  "task.dead",
  "task.fenced",
  "task.duplicate",
  "delivery.claimed",
  "delivery.crashed",
  "consumer.joined",
  "consumer.left",
  "consumer.dead",
  "group.created",
  "chaos.held",
] as const;

export const hiveEventSchema = z.object({
  type: z.enum(EVENT_TYPES),
  at: z.iso.datetime(),
  workflowId: z.string().optional(),
  taskId: z.string().optional(),
  position: z.int().nonnegative().optional(),
  attempt: z.int().positive().optional(),
  agentType: z.string().optional(),
  agentId: z.string().optional(),
  incarnation: z.string().optional(),
  group: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type HiveEvent = z.infer<typeof hiveEventSchema>;
export type HiveEventType = HiveEvent["type"];

/** The payload (`m`) of one entry of the events stream: events travel in batches. */
export const eventBatchSchema = z.array(hiveEventSchema);
