import { z } from "zod";
import { resultPayloadSchema } from "./messages.js";
import { traceparentSchema, tracestateSchema } from "./trace-context.js";

/**
 * The envelope. An entry is a few short flat fields, which scripts read, and JSON in `m`. Where one reader takes
 * everything (dispatch and results), one entry carries a whole batch, `m` being an array: it costs Redis, and whoever
 * reads it, a fraction of as many entries. Where an entry is what one process owns (agent streams), it is one task.
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
  incarnation: "i",
  agentId: "n",
} as const;

/** Version of the envelope, as it stands in the field `v`. */
export const ENTRY_VERSION = "1";

/** An entry as Redis gives it: its id and its fields. */
export interface StreamEntry {
  id: string;
  fields: Record<string, string>;
}

/** A task on its way to an agent: what the envelope says, and the payload as JSON text. */
export interface TaskEnvelope {
  agentType: string;
  taskKey: string;
  attempt: number;
  /** JSON of a `TaskPayload`. */
  payload: string;
  traceparent: string;
  tracestate?: string;
}

/** A task to be published: one item of an entry of the dispatch stream. */
export interface TaskEntry extends TaskEnvelope {
  /** The handler first, then whatever else the task requires. */
  capabilities: string[];
}

/** The end of one attempt on its way to the engine: one item of an entry of the results stream. */
export interface ResultEnvelope {
  taskKey: string;
  attempt: number;
  /** JSON of a `ResultPayload`. */
  payload: string;
  traceparent: string;
  tracestate?: string;
}

const attempt = z.coerce.number().pipe(z.int().positive());
const taskKey = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d{1,9}$/, "must be <workflow id>:<position>");
const flag = z.enum(["0", "1"]).transform((text) => text === "1");
const version = z.literal(ENTRY_VERSION);
const trace = { tp: traceparentSchema, ts: tracestateSchema.optional() };

const taskEnvelope = z.object({
  v: version,
  t: z.literal("task"),
  k: taskKey,
  a: attempt,
  g: z.string().min(1),
  m: z.string(),
  ...trace,
});

/** What has come so far is not lost for the want of a trace. */
const lenientTrace = {
  tp: traceparentSchema.optional().catch(undefined),
  ts: tracestateSchema.optional().catch(undefined),
};

/** An entry that carries a batch. */
const batchEnvelope = <T extends string>(type: T) => z.object({ v: version, t: z.literal(type), m: z.string() });
const tasksEnvelope = batchEnvelope("tasks");

const itemKey = { k: taskKey, a: z.int().positive() };
const taskItem = z.object({ ...itemKey, g: z.string().min(1), c: z.array(z.string()), m: z.string(), ...trace });
const resultItem = z.object({ ...itemKey, m: resultPayloadSchema, ...lenientTrace });
const resultKey = z.object(itemKey);
export type ResultItem = z.infer<typeof resultItem>;

const payloadEnvelope = { v: version, k: taskKey, a: attempt, g: z.string().min(1), m: z.string(), ...lenientTrace };

/** The envelopes that the results stream carries. */
const resultsEnvelope = z.discriminatedUnion("t", [
  /** All of an entry come from one agent, in one script. */
  batchEnvelope("results").extend({ g: z.string().min(1), i: z.string(), n: z.string() }),
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

/** Reads an entry of an agent stream; its payload stays text. */
export function parseTaskEntry(fields: Record<string, string>): Parsed<TaskEnvelope> {
  const result = parsed(taskEnvelope.safeParse(fields));
  if (!result.ok) return result;
  const { g, k, a, m, tp, ts } = result.value;
  return { ok: true, value: { agentType: g, taskKey: k, attempt: a, payload: m, ...traceOf(tp, ts) } };
}

/** The fields under which a task stands in an agent stream; the counterpart of `parseTaskEntry`. */
export function taskEntryFields(task: TaskEnvelope): Record<string, string> {
  return {
    v: ENTRY_VERSION,
    t: "task",
    k: task.taskKey,
    a: String(task.attempt),
    g: task.agentType,
    m: task.payload,
    tp: task.traceparent,
    ...(task.tracestate === undefined ? {} : { ts: task.tracestate }),
  };
}

/** Reads an entry of the dispatch stream: its items, each to be read by `parseTaskItem`. */
export function parseTasksEntry(fields: Record<string, string>): Parsed<unknown[]> {
  const envelope = parsed(tasksEnvelope.safeParse(fields));
  return envelope.ok ? parseItems(envelope.value.m) : envelope;
}

/** Reads one task of an entry of the dispatch stream. */
export function parseTaskItem(item: unknown): Parsed<TaskEntry> {
  const result = parsed(taskItem.safeParse(item));
  if (!result.ok) return result;
  const { g, k, a, c, m, tp, ts } = result.value;
  const value = { agentType: g, taskKey: k, attempt: a, capabilities: c, payload: m, ...traceOf(tp, ts) };
  return { ok: true, value };
}

/** JSON of one task of an entry of the dispatch stream; the counterpart of `parseTaskItem`. */
export function taskItemJson({ taskKey: k, attempt: a, agentType: g, ...task }: TaskEntry): string {
  return JSON.stringify({ k, a, g, c: task.capabilities, m: task.payload, tp: task.traceparent, ts: task.tracestate });
}

/** The fields of an entry of the dispatch stream. */
export function tasksEntryFields(tasks: readonly TaskEntry[]): Record<string, string> {
  return { v: ENTRY_VERSION, t: "tasks", m: `[${tasks.map(taskItemJson).join(",")}]` };
}

/** Reads one result of an entry of the results stream, its payload included. */
export function parseResultItem(item: unknown): Parsed<ResultItem> {
  return parsed(resultItem.safeParse(item));
}

/** Which attempt a result is about, if no more of it can be read. */
export function parseResultKey(item: unknown): Parsed<z.infer<typeof resultKey>> {
  return parsed(resultKey.safeParse(item));
}

/** JSON of one result of an entry of the results stream; the counterpart of `parseResultItem`. */
export function resultItemJson({ taskKey: k, attempt: a, payload, ...context }: ResultEnvelope): string {
  return `${JSON.stringify({ k, a, tp: context.traceparent, ts: context.tracestate }).slice(0, -1)},"m":${payload}}`;
}

/** Who reports results, and of which type they are. */
export interface ResultsReporter {
  agentType: string;
  incarnation: string;
  agentId: string;
}

/** The fields of an entry of the results stream that carries results. */
export function resultsEntryFields(
  results: readonly ResultEnvelope[],
  { agentType: g, incarnation: i, agentId: n }: ResultsReporter,
): Record<string, string> {
  return { v: ENTRY_VERSION, t: "results", g, i, n, m: `[${results.map(resultItemJson).join(",")}]` };
}

/** Our scripts put at most 100 into an entry; more than this no script could take out again. */
const MOST_ITEMS = 1_000;
const items = z.array(z.unknown()).max(MOST_ITEMS);

/** The items of an entry that carries a batch, not read yet. */
export function parseItems(json: string): Parsed<unknown[]> {
  return parsePayload(items, json);
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

function traceOf(traceparent: string, tracestate: string | undefined): { traceparent: string; tracestate?: string } {
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** Deeper than a few times that, what could be read could not be written again. */
const DEEPEST = 1000;

/** @param json valid JSON. What opens few brackets is not deep, so that most need not be looked through. */
function isTooDeep(json: string): boolean {
  if (!opensMoreThan(DEEPEST, json)) return false;
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

function opensMoreThan(limit: number, json: string): boolean {
  if (json.length <= 2 * limit) return false; // every level takes two characters
  let count = 0;
  for (const bracket of "[{") {
    for (let at = json.indexOf(bracket); at >= 0 && count <= limit; at = json.indexOf(bracket, at + 1)) count++;
  }
  return count > limit;
}
