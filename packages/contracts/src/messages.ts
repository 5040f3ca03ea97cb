import { z } from "zod";

/** Version of the payloads that carry one; those of tasks and results go by the envelope's. A new field is optional until every writer sends it. */
export const MESSAGE_VERSION = 1;

/** Bytes of JSON above which an output is stored as an artifact instead of travelling in its result. */
export const INLINE_OUTPUT_LIMIT_BYTES = 64 * 1024;

const version = z.literal(MESSAGE_VERSION);
const id = z.uuid();
const position = z.int().nonnegative();
const attempt = z.int().positive();

/**
 * What an agent is asked to do: one attempt of one task. Which task, which attempt and of which type, its envelope says,
 * and nothing is said twice: every byte is written and read four times on a task's way.
 */
export const taskPayloadSchema = z.object({
  workflowName: z.string(),
  taskId: z.string(),
  handler: z.string(),
  /** The task's own input; absent if it has none. */
  input: z.unknown().optional(),
  /** The workflow's input; absent if it has none. */
  workflowInput: z.unknown().optional(),
  /** How long one attempt may run, in milliseconds, on the clock of whoever runs it. */
  timeoutMs: z.int().positive(),
  /** Deliveries of this task that took their process with them, so far. */
  crashes: z.int().nonnegative().default(0),
  /** Of those, the ones that ran alone in their process. */
  crashesAlone: z.int().nonnegative().default(0),
  /** The latest checkpoint of earlier attempts. */
  checkpoint: z.unknown().optional(),
});
export type TaskPayload = z.infer<typeof taskPayloadSchema>;

/** An error as it is stored and shown. */
export const taskErrorSchema = z.object({
  code: z.string().max(128),
  message: z.string().max(8192),
  details: z.unknown().optional(),
  stack: z.string().max(16_384).optional(),
});
export type TaskError = z.infer<typeof taskErrorSchema>;

/** Where a large output is: in the artifact store, addressed by the SHA-256 of its JSON text (lower-case hex). */
export const artifactReferenceSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
});
export type ArtifactReference = z.infer<typeof artifactReferenceSchema>;

/** How an attempt ended. */
export const outcomeSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("succeeded"),
    output: z.unknown().optional(),
    artifact: artifactReferenceSchema.optional(),
  }),
  z.object({
    status: z.literal("failed"),
    error: taskErrorSchema,
    retryable: z.boolean(),
    retryAfterMs: z.int().nonnegative().optional(),
  }),
  z.object({ status: z.literal("timed-out"), timeoutMs: z.int().positive() }),
  z.object({ status: z.literal("dead-letter"), error: taskErrorSchema }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** The end of one attempt, as its agent reports it; which attempt, and who reports, its envelope says. */
export const resultPayloadSchema = z.object({
  taskId: z.string(),
  outcome: outcomeSchema,
  entryId: z.string(),
  /** Wall clock of the agent's machine, milliseconds since 1970: for display, never compared across machines. */
  startedAtMs: z.number(),
  /** Measured on the agent's monotonic clock. */
  runMs: z.number().nonnegative(),
});
export type ResultPayload = z.infer<typeof resultPayloadSchema>;

/** Progress that the next delivery or attempt resumes from. */
export const checkpointPayloadSchema = z.object({
  version,
  workflowId: id,
  position,
  attempt,
  /** Grows with every checkpoint of the same attempt, so that a late one never replaces a newer one. */
  sequence: z.int().nonnegative(),
  data: z.unknown(),
});
export type CheckpointPayload = z.infer<typeof checkpointPayloadSchema>;

/** Longest field and most fields that a dead letter keeps of its entry, in characters. */
const KEPT_FIELD_LENGTH = 16 * 1024;
const KEPT_NAME_LENGTH = 256;
const KEPT_FIELDS = 64;
const KEPT_MESSAGE_LENGTH = 8192;

/** What a dead letter keeps of why, and of its entry: cut to the lengths that its schema allows. */
export function keptInDeadLetter(
  message: string,
  fields: Readonly<Record<string, string>>,
): Pick<DeadLetterPayload, "message" | "fields"> {
  const kept = Object.entries(fields)
    .slice(0, KEPT_FIELDS)
    .map(([name, value]) => [name.slice(0, KEPT_NAME_LENGTH), value.slice(0, KEPT_FIELD_LENGTH)]);
  return { message: message.slice(0, KEPT_MESSAGE_LENGTH), fields: Object.fromEntries(kept) };
}

/** An entry that nobody can process, with the reason; the engine keeps it in PostgreSQL. */
export const deadLetterPayloadSchema = z.object({
  version,
  reason: z.enum(["UNPARSEABLE", "NO_TAKER", "HANDLER_MISSING", "POISON", "REJECTED"]),
  message: z.string().max(KEPT_MESSAGE_LENGTH),
  stream: z.string(),
  entryId: z.string(),
  /** Who set it aside. */
  incarnation: z.string(),
  agentId: z.string(),
  /** The entry's first 64 fields as they were, cut to 16 KB each. */
  fields: z.record(z.string(), z.string()),
});
export type DeadLetterPayload = z.infer<typeof deadLetterPayloadSchema>;
export type DeadLetterReason = DeadLetterPayload["reason"];
