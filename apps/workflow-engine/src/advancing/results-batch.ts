import {
  checkpointPayloadSchema,
  deadLetterPayloadSchema,
  keptInDeadLetter,
  parsePayload,
  parseResultsEntry,
  parseTaskKey,
  resultPayloadSchema,
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

/** Who reads, and what: for the dead letters that are made of entries that cannot be read. */
export interface Reader {
  stream: string;
  incarnation: string;
  agentId: string;
}

type Of<T extends ResultsEnvelope["t"]> = Extract<ResultsEnvelope, { t: T }>;

/** Reads the entries of the results stream, once. What cannot be read becomes a dead letter in the same batch. */
export function readBatch(entries: readonly StreamEntry[], reader: Reader): Required<Batch> {
  const batch: Required<Batch> = { results: [], crashes: [], checkpoints: [], deadLetters: [] };
  for (const entry of entries) {
    const reason = readEntry(entry, batch);
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

/** The attempt that a result was to end, as its envelope tells: no other result of it will come, and it must not stay open (keeps I1). */
function attemptEndedBy(entry: StreamEntry): TaskAttempt | null {
  const envelope = parseResultsEntry(entry.fields);
  return envelope.ok && envelope.value.t === "result" ? attemptOf(envelope.value) : null;
}

/** @returns why the entry cannot be read, or undefined if it was added to the batch. */
function readEntry(entry: StreamEntry, batch: Required<Batch>): string | undefined {
  const envelope = parseResultsEntry(entry.fields);
  if (!envelope.ok) return envelope.reason;
  const value = envelope.value;
  switch (value.t) {
    case "result":
      return add(batch.results, readResult(value));
    case "checkpoint":
      return add(batch.checkpoints, readCheckpoint(value));
    case "crash":
      batch.crashes.push(readCrash(value));
      return undefined;
    case "dead-letter":
      return add(batch.deadLetters, readDeadLetter(value));
  }
}

function add<T>(rows: T[], row: Parsed<T>): string | undefined {
  if (!row.ok) return row.reason;
  rows.push(row.value);
  return undefined;
}

function readResult(envelope: Of<"result">): Parsed<ResultRow> {
  const payload = parsePayload(resultPayloadSchema, envelope.m);
  if (!payload.ok) return payload;
  const task = attemptOf(envelope);
  const { workflowId, position, attempt, taskId, outcome, agentId, incarnation, entryId } = payload.value;
  if (workflowId !== task.workflowId || position !== task.position || attempt !== task.attempt) {
    return {
      ok: false,
      reason: `the payload is about ${workflowId}:${position} attempt ${attempt}, its envelope about another`,
    };
  }
  const { startedAtMs, finishedAtMs, runMs } = payload.value;
  const times = { startedAtMs, finishedAtMs, runMs };
  return {
    ok: true,
    value: { ...task, taskId, outcome: recordedOutcome(outcome), agentId, incarnation, entryId, ...times },
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
