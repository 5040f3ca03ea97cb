import { z } from "zod";

/**
 * Named moments of a task at which an agent can be crashed or frozen on purpose: its handler is about to run, reported
 * half of its progress, has finished (the result is not sent yet), or its result was sent.
 */
export const TASK_MOMENTS = ["started", "half-way", "finished", "result-sent"] as const;
export const taskMomentSchema = z.enum(TASK_MOMENTS);
export type TaskMoment = z.infer<typeof taskMomentSchema>;

/**
 * An order to stop at a moment. The first agent that reaches it takes the order, tells so (event `chaos.held`) and stands
 * still there until it is killed or released: so the fault bites exactly there.
 */
export const momentOrderSchema = z.object({
  id: z.string(),
  moment: taskMomentSchema,
  agentType: z.string().optional(),
  agentId: z.string().optional(),
  taskId: z.string().optional(),
});
export type MomentOrder = z.infer<typeof momentOrderSchema>;
