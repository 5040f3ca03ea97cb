import { z } from "zod";

/** Broadcast hints, read by everyone; whoever misses one learns the same from the state it is about. */
export const controlMessageSchema = z.discriminatedUnion("type", [
  /** A consumer of the group is dead: its entries can be claimed. */
  z.object({ type: z.literal("dead"), incarnation: z.string(), group: z.string().optional() }),
  /** The workflow was cancelled: its running tasks are to be interrupted. */
  z.object({ type: z.literal("cancel"), workflowId: z.string(), taskKeys: z.array(z.string()).optional() }),
  /** Redis lost its data; work goes on under this epoch. */
  z.object({ type: z.literal("epoch"), epoch: z.string() }),
  /** Somebody follows the events: they are worth telling from now on. */
  z.object({ type: z.literal("onlookers") }),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;
