import {
  checkpointPayloadSchema,
  deadLetterPayloadSchema,
  keptInDeadLetter,
  parseItems,
  parsePayload,
  parseResultItem,
  parseResultKey,
  parseResultsEntry,
  parseTaskKey,
  type Outcome,
  type Parsed,
  type ResultsEnvelope,
  type StreamEntry,
} from "@agent-hive/contracts";
import type {
  Batch,
  CheckpointRow,
  CrashRow,
  DeadLetterRow,
  RecordedOutcome,
  ResultRow,
  TaskAttempt,
} from "@agent-hive/persistence";
import { crashContext, isSampled, tracing } from "@agent-hive/telemetry";
import type { TracedReport } from "../tracing/message-spans.js";

/** Who reads, and what: for the dead letters that are made of entries that cannot be read. */
export interface Reader {
  stream: string;
  incarnation: string;
  agentId: string;
}

type Of<T extends ResultsEnvelope["t"]> = Extract<ResultsEnvelope, { t: T }>;

/** What one read of the results stream held, and which of it is to be traced. */
export interface ReadBatch extends Required<Batch> {
  traced: TracedReport[];
}

/** Reads the entries of the results stream, once. What cannot be read becomes a dead letter in the same batch. */
export function readBatch(entries: readonly StreamEntry[], reader: Reader): ReadBatch {
  const batch: ReadBatch = { results: [], crashes: [], checkpoints: [], deadLetters: [], traced: [] };
  for (const entry of entries) {
    const reason = readEntry(entry, batch, reader);
    if (reason !== undefined)
      batch.deadLetters.push(deadLetterOf(entry, { reason: "UNPARSEABLE", message: reason }, reader));
  }
  return batch;
}

/** The dead letter that an entry of the results stream becomes. */
export function deadLetterOf(
  entry: StreamEntry,
  why: Pick<DeadLetterRow, "reason" | "message">,
  { stream, incarnation, agentId }: Reader,
): DeadLetterRow {
  return {
    reason: why.reason,
    ...keptInDeadLetter(why.message, entry.fields),
    stream,
    entryId: entry.id,
    incarnation,
    agentId,
    task: attemptEndedBy(entry),
  };
}

/**
 * The attempt that the one result of an entry was to end, as its envelope tells: no other result of it will come, and it
 * must not stay open (keeps I1).
 */
function attemptEndedBy(entry: StreamEntry): TaskAttempt | null {
  const envelope = parseResultsEntry(entry.fields);
  if (!envelope.ok || envelope.value.t !== "results") return null;
  const { g, m } = envelope.value;
  const items = parseItems(m);
  if (!items.ok || items.value.length !== 1) return null;
  const key = parseResultKey(items.value[0]);
  return key.ok ? attemptOf({ ...key.value, g }) : null;
}

/** @returns why the entry cannot be read, or undefined if it was added to the batch. */
function readEntry(entry: StreamEntry, batch: ReadBatch, reader: Reader): string | undefined {
  const envelope = parseResultsEntry(entry.fields);
  if (!envelope.ok) return envelope.reason;
  const value = envelope.value;
  switch (value.t) {
    case "results":
      return readResults(entry, value, batch, reader);
    case "checkpoint":
      trace(batch, value, entry.id);
      return add(batch.checkpoints, readCheckpoint(value));
    case "crash":
      // Its context is that of the entry whose holder died; it was itself sent under another.
      trace(batch, { ...value, tp: value.tp && crashContext(value.tp, value.e, value.d) }, entry.id);
      batch.crashes.push(readCrash(value));
      return undefined;
    case "dead-letter":
      trace(batch, value, entry.id);
      return add(batch.deadLetters, readDeadLetter(value));
  }
}

/** Of the results in one entry those that can be read count; each of the others is a dead letter of its own. */
function readResults(
  entry: StreamEntry,
  envelope: Of<"results">,
  batch: ReadBatch,
  reader: Reader,
): string | undefined {
  const items = parseItems(envelope.m);
  if (!items.ok) return items.reason;
  items.value.forEach((item, place) => {
    const read = parseResultItem(item);
    const reason = add(batch.results, readResult(read, envelope));
    if (read.ok) {
      const { taskId } = read.value.m;
      const named = { t: "result" as const, ...read.value, g: envelope.g, taskId };
      trace(batch, named, `${entry.id}/${place}`, batch.results.length - 1);
    }
    if (reason === undefined) return;
    batch.deadLetters.push(
      deadLetterOf(itemEntry(entry, item, place), { reason: "UNPARSEABLE", message: reason }, reader),
    );
  });
  return undefined;
}

/** An entry that carries several results as as many entries that carry one each; any other as it is. */
export function splitEntry(entry: StreamEntry): StreamEntry[] {
  const envelope = parseResultsEntry(entry.fields);
  const items = envelope.ok && envelope.value.t === "results" ? parseItems(envelope.value.m) : undefined;
  return items?.ok ? items.value.map((item, place) => itemEntry(entry, item, place)) : [entry];
}

/** @param place in the entry, from 0. What was split from an entry already keeps its name. */
function itemEntry({ id, fields }: StreamEntry, item: unknown, place: number): StreamEntry {
  return { id: id.includes("/") ? id : `${id}/${place}`, fields: { ...fields, m: `[${JSON.stringify(item)}]` } };
}

function add<T>(rows: T[], row: Parsed<T>): string | undefined {
  if (!row.ok) return row.reason;
  rows.push(row.value);
  return undefined;
}

/** Notes a message for its span, if its trace is sampled. @param place of a result in the batch. */
function trace(
  { traced }: ReadBatch,
  { t: kind, tp: context, k: taskKey, a: attempt, g: agentType, taskId }: TraceableReport,
  messageId: string,
  place?: number,
): void {
  if (!tracing || context === undefined || !isSampled(context) || taskKey === undefined || attempt === undefined)
    return;
  traced.push({ kind, context, messageId, subject: { taskKey, attempt, agentType, taskId }, place });
}

interface TraceableReport {
  t: TracedReport["kind"];
  tp?: string | undefined;
  k?: string | undefined;
  a?: number | undefined;
  g?: string | undefined;
  taskId?: string;
}

function readResult(
  read: ReturnType<typeof parseResultItem>,
  { g, i: incarnation, n: agentId }: Of<"results">,
): Parsed<ResultRow> {
  if (!read.ok) return read;
  const { k, a, m } = read.value;
  const { taskId, outcome, entryId, startedAtMs, runMs } = m;
  const times = { startedAtMs, finishedAtMs: startedAtMs + runMs, runMs };
  const who = { agentId, incarnation };
  return {
    ok: true,
    value: { ...attemptOf({ k, a, g }), taskId, outcome: recordedOutcome(outcome), ...who, entryId, ...times },
  };
}

function readCheckpoint(envelope: Of<"checkpoint">): Parsed<CheckpointRow> {
  const payload = parsePayload(checkpointPayloadSchema, envelope.m);
  if (!payload.ok) return payload;
  const { workflowId, position, attempt } = attemptOf(envelope);
  const { sequence, data } = payload.value;
  return { ok: true, value: { workflowId, position, attempt, sequence, data: JSON.stringify(data ?? null) } };
}

function readCrash(envelope: Of<"crash">): CrashRow {
  const { e: entryId, d: incarnation, al: alone, ch: charged, st } = envelope;
  const startedAtMs = Number(st);
  const isKnown = st !== "" && Number.isFinite(startedAtMs);
  return { ...attemptOf(envelope), entryId, incarnation, alone, charged, startedAtMs: isKnown ? startedAtMs : null };
}

function readDeadLetter(envelope: Of<"dead-letter">): Parsed<DeadLetterRow> {
  const payload = parsePayload(deadLetterPayloadSchema, envelope.m);
  if (!payload.ok) return payload;
  const { version: _version, ...row } = payload.value;
  const { k, a, g } = envelope;
  const task = k !== undefined && a !== undefined && g !== undefined ? attemptOf({ k, a, g }) : null;
  return { ok: true, value: { ...row, task } };
}

function attemptOf({ k, a, g }: { k: string; a: number; g: string }): TaskAttempt {
  // The envelope's schema has checked that the key is one.
  const { workflowId, position } = parseTaskKey(k)!;
  return { workflowId, position, agentType: g, attempt: a };
}

function recordedOutcome(outcome: Outcome): RecordedOutcome {
  switch (outcome.status) {
    case "succeeded": {
      const output = outcome.output === undefined ? null : JSON.stringify(outcome.output);
      return { status: "succeeded", output, ...(outcome.artifact === undefined ? {} : { artifact: outcome.artifact }) };
    }
    case "timed-out": {
      const message = `The attempt ran longer than its ${outcome.timeoutMs} ms. Raise timeoutMs, or make the handler quicker.`;
      return { status: "timed-out", error: { code: "TIMED_OUT", message } };
    }
    case "failed":
    case "dead-letter":
      return outcome;
  }
}
