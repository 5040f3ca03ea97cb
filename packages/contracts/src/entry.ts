import { z } from "zod";
import { traceparentSchema, tracestateSchema } from "./trace-context.js";

/**
 * The envelope: an entry of a work stream is a few short flat fields, which scripts and router read, and one JSON
 * payload (`m`), which only its final reader parses.
 */
export const ENTRY_FIELDS = {
  version: "v",
  type: "t",
  taskKey: "k",
  attempt: "a",
  agentType: "g",
  capabilities: "c",
  payload: "m",
  traceparent: "tp",
  tracestate: "ts",
  crashedEntryId: "e",
  deadIncarnation: "d",
  alone: "al",
  charged: "ch",
  startedAtMs: "st",
} as const;

/** Version of the envelope, as it stands in the field `v`. */
export const ENTRY_VERSION = "1";

/** An entry as Redis gives it: its id and its fields. */
export interface StreamEntry {
  id: string;
  fields: Record<string, string>;
}

/** A task to be published: what the envelope says, and the payload as JSON text. */
export interface TaskEntry {
  agentType: string;
  taskKey: string;
  attempt: number;
  /** The handler first, then whatever else the task requires. */
  capabilities: string[];
  /** JSON of a `TaskPayload`. */
  payload: string;
  traceparent: string;
  tracestate?: string;
}

const attempt = z.coerce.number().pipe(z.int().positive());
const taskKey = z.string().regex(/^[0-9a-f-]{36}:\d{1,9}$/, "must be <workflow id>:<position>");
const flag = z.enum(["0", "1"]).transform((text) => text === "1");
const version = z.literal(ENTRY_VERSION);
const trace = { tp: traceparentSchema, ts: tracestateSchema.optional() };

const taskEnvelope = z.object({
  v: version,
  t: z.literal("task"),
  k: taskKey,
  a: attempt,
  g: z.string().min(1),
  c: z.string(),
  m: z.string(),
  ...trace,
});

/** What has come so far is not lost for the want of a trace. */
const lenientTrace = {
  tp: traceparentSchema.optional().catch(undefined),
  ts: tracestateSchema.optional().catch(undefined),
};

const payloadEnvelope = { v: version, k: taskKey, a: attempt, g: z.string().min(1), m: z.string(), ...lenientTrace };

/** The envelopes that the results stream carries. */
const resultsEnvelope = z.discriminatedUnion("t", [
  z.object({ t: z.literal("result"), ...payloadEnvelope }),
  z.object({ t: z.literal("checkpoint"), ...payloadEnvelope }),
  z.object({
    t: z.literal("crash"),
    v: version,
    k: taskKey,
    a: attempt,
    g: z.string().min(1),
    e: z.string(),
    d: z.string(),
    al: flag,
    ch: flag,
    st: z.string(),
    ...lenientTrace,
  }),
  z.object({
    t: z.literal("dead-letter"),
    v: version,
    k: taskKey.optional().catch(undefined),
    a: attempt.optional().catch(undefined),
    g: z.string().optional(),
    m: z.string(),
    ...lenientTrace,
  }),
]);
export type ResultsEnvelope = z.infer<typeof resultsEnvelope>;

/** What parsing an envelope comes to: the value, or why it is none. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: string };

const parsed = <T>(result: z.ZodSafeParseResult<T>): Parsed<T> =>
  result.success ? { ok: true, value: result.data } : { ok: false, reason: z.prettifyError(result.error) };

/** Reads the envelope of a task entry; its payload stays text. */
export function parseTaskEntry(fields: Record<string, string>): Parsed<TaskEntry> {
  const result = parsed(taskEnvelope.safeParse(fields));
  if (!result.ok) return result;
  const { g, k, a, c, m, tp, ts } = result.value;
  return {
    ok: true,
    value: {
      agentType: g,
      taskKey: k,
      attempt: a,
      capabilities: c === "" ? [] : c.split(","),
      payload: m,
      traceparent: tp,
      ...(ts === undefined ? {} : { tracestate: ts }),
    },
  };
}

/** The fields under which a task stands in a stream; the counterpart of `parseTaskEntry`. */
export function taskEntryFields(task: TaskEntry): Record<string, string> {
  return {
    v: ENTRY_VERSION,
    t: "task",
    k: task.taskKey,
    a: String(task.attempt),
    g: task.agentType,
    c: task.capabilities.join(","),
    m: task.payload,
    tp: task.traceparent,
    ...(task.tracestate === undefined ? {} : { ts: task.tracestate }),
  };
}

/** Reads the envelope of an entry of the results stream. */
export function parseResultsEntry(fields: Record<string, string>): Parsed<ResultsEnvelope> {
  return parsed(resultsEnvelope.safeParse(fields));
}

/** Reads a JSON payload by its schema. */
export function parsePayload<T>(schema: z.ZodType<T>, json: string): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, reason: `the payload is not JSON: ${(error as Error).message}` };
  }
  if (isTooDeep(json)) return { ok: false, reason: `the payload is nested deeper than ${DEEPEST} levels` };
  return parsed(schema.safeParse(value));
}

/** Deeper than a few times that, what could be read could not be written again. */
const DEEPEST = 1000;

/** @param json valid JSON. Every level takes two characters, so that most need not be looked through. */
function isTooDeep(json: string): boolean {
  if (json.length <= 2 * DEEPEST) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length && depth <= DEEPEST; at++) {
    const character = json[at];
    if (character === '"') isText = !isText;
    else if (isText) at += character === "\\" ? 1 : 0;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
  }
  return depth > DEEPEST;
}
