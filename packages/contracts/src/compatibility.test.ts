/**
 * Services of two releases work side by side while one replaces the other. What release 0.1 has written, taken from the
 * streams of a hive that ran, is understood by this one, and so is what a later one adds to it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { controlMessageSchema } from "./control.js";
import {
  parsePayload,
  parseItems,
  parseResultItem,
  parseResultsEntry,
  parseTaskEntry,
  parseTaskItem,
  parseTasksEntry,
  type Parsed,
} from "./entry.js";
import { eventBatchSchema } from "./events.js";
import { checkpointPayloadSchema, deadLetterPayloadSchema, taskPayloadSchema } from "./messages.js";

type Fields = Record<string, string>;

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "test-fixtures", "messages-of-0.1.json"), "utf8"),
) as { stream: string; fields: Fields }[];

const of = (stream: string, type?: string): Fields =>
  recorded.find((entry) => entry.stream === stream && entry.fields["t"] === type)!.fields;

function valueOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** Reads one as a service would, to the last level. */
const READERS: Record<string, (fields: Fields) => unknown> = {
  "workflow:dispatch": (fields) =>
    valueOf(parseTasksEntry(fields)).map((item) => {
      const task = valueOf(parseTaskItem(item));
      return { ...task, payload: valueOf(parsePayload(taskPayloadSchema, task.payload)) };
    }),
  "agent_messages:backend": (fields) => {
    const task = valueOf(parseTaskEntry(fields));
    return { ...task, payload: valueOf(parsePayload(taskPayloadSchema, task.payload)) };
  },
  "workflow:events": (fields) => valueOf(parsePayload(eventBatchSchema, fields["m"]!)),
  "hive:control": (fields) => valueOf(parsePayload(controlMessageSchema, fields["m"]!)),
  "workflow:results": (fields) => {
    const envelope = valueOf(parseResultsEntry(fields));
    if (envelope.t === "results") return valueOf(parseItems(envelope.m)).map((item) => valueOf(parseResultItem(item)));
    if (envelope.t === "dead-letter")
      return { ...envelope, m: valueOf(parsePayload(deadLetterPayloadSchema, envelope.m)) };
    if (envelope.t === "checkpoint")
      return { ...envelope, m: valueOf(parsePayload(checkpointPayloadSchema, envelope.m)) };
    return envelope;
  },
};

const NAMED = recorded.map((entry) => ({ ...entry, name: `${entry.stream} ${entry.fields["t"] ?? ""}`.trim() }));

test("there is one of each kind of message", () => {
  expect(new Set(NAMED.map(({ name }) => name))).toEqual(
    new Set([
      "workflow:dispatch tasks",
      "agent_messages:backend task",
      "workflow:events",
      "hive:control",
      "workflow:results results",
      "workflow:results crash",
      "workflow:results dead-letter",
    ]),
  );
});

test.each(NAMED)("$name of release 0.1 is understood", ({ stream, fields }) => {
  expect(READERS[stream]!(fields)).toBeDefined();
});

test.each(NAMED)("$name of a release that adds fields is understood as before", ({ stream, fields }) => {
  expect(READERS[stream]!(ofLater(fields))).toMatchObject(READERS[stream]!(fields) as object);
});

/** With a field more in the entry, and in every object that it carries as JSON. */
function ofLater(fields: Fields): Fields {
  const { m } = fields;
  return { ...fields, later: "1", ...(m !== undefined && { m: JSON.stringify(withMore(JSON.parse(m))) }) };
}

/** What handlers give and take is theirs, and is left alone. */
const HANDLERS_OWN = new Set(["input", "output", "fields", "data", "details"]);

function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== "object" || value === null) return value;
  const grown = Object.entries(value).map(([name, each]) => [name, HANDLERS_OWN.has(name) ? each : withMore(each)]);
  return { ...Object.fromEntries(grown), later: true };
}

test("an entry of a version that is not known is told by its field, and not guessed at", () => {
  const parsed = parseTaskEntry({ ...of("agent_messages:backend", "task"), v: "2" });
  expect(parsed).toMatchObject({ ok: false, reason: expect.stringContaining("v") });
  expect(parseResultsEntry({ ...of("workflow:results", "results"), v: "2" }).ok).toBe(false);
});
