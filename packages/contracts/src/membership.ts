import { z } from "zod";

/** Tasks that one process can run at once, at most: more is a mistake, and would open the windows without bounds. */
const MOST_SLOTS = 100_000;

/** One life of one process, as it registered itself. */
export const registrationSchema = z.object({
  incarnation: z.string(),
  /** Stable over the lives of the same process slot, e.g. `backend-1`. */
  agentId: z.string(),
  service: z.string(),
  agentType: z.string().optional(),
  /** The consumer group and stream that it reads, if any; its consumer bears the name of the incarnation. */
  group: z.string().optional(),
  stream: z.string().optional(),
  /** Tasks that it runs at once. */
  slots: z.int().nonnegative().max(MOST_SLOTS),
  handlers: z.array(z.string()),
  pid: z.int().positive(),
  host: z.string(),
  httpUrl: z.string().optional(),
  registeredAt: z.iso.datetime(),
  /** The Redis server's run id and the ids of this process's connections on it. */
  runId: z.string(),
  connections: z.array(z.string().regex(/^\d{1,18}$/)),
});
export type Registration = z.infer<typeof registrationSchema>;

/** What is running in a process, as its heartbeat tells. */
export const heldTaskSchema = z.object({
  entryId: z.string(),
  taskKey: z.string(),
  attempt: z.int().positive(),
  elapsedMs: z.number().nonnegative(),
  timeoutMs: z.number().positive(),
});
export type HeldTask = z.infer<typeof heldTaskSchema>;

/** One beat. Only the advance of the counters is evidence of life; no time in it is compared with another machine's. */
export const heartbeatSchema = z.object({
  counter: z.int().nonnegative(),
  /** Counts turns of the main event loop: standing still while `counter` advances means wedged. */
  mainLoop: z.int().nonnegative().catch(0),
  held: z.array(heldTaskSchema).catch([]),
  rssBytes: z.number().nonnegative().catch(0),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Why an incarnation is out: it crashed, it stopped answering, or it said goodbye. */
export const verdictKindSchema = z.enum(["crashed", "frozen", "left"]);
export type VerdictKind = z.infer<typeof verdictKindSchema>;

/** A verdict with its evidence. */
export const verdictSchema = z.object({
  incarnation: z.string(),
  agentId: z.string(),
  service: z.string(),
  group: z.string().optional(),
  kind: verdictKindSchema,
  evidence: z.string(),
  /** Who gave it: the incarnation of the observer. */
  by: z.string(),
  at: z.iso.datetime(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** What a group looks like to the engine and the router; the coordinator publishes it. */
export const groupStatusSchema = z.object({
  group: z.string(),
  agentType: z.string(),
  stream: z.string(),
  consumers: z.int().nonnegative(),
  slots: z.int().nonnegative(),
  handlers: z.array(z.string()),
});
export type GroupStatus = z.infer<typeof groupStatusSchema>;
