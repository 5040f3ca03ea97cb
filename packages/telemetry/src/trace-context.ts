import { hash, randomBytes } from "node:crypto";

/** `00-<trace id>-<span id>-<flags>`: W3C Trace Context, level 1, version 00. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const TRACE_ID = [3, 35] as const;
const SPAN_ID = [36, 52] as const;
const SAMPLED_FLAG = 1;
const SPAN_ID_BYTES = 8;
const TRACE_ID_BYTES = 16;

// Ids are cut from a block of random bytes: one call of the generator serves many messages.
const BLOCK_BYTES = 4096;
let block = "";
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes * 2 > block.length) {
    block = randomBytes(BLOCK_BYTES).toString("hex");
    used = 0;
  }
  const text = block.slice(used, used + bytes * 2);
  used += bytes * 2;
  return text;
}

/** The context of a new trace. @param sampled whether its spans are to be written. */
export function newTraceparent(sampled = true): string {
  return `00-${randomHex(TRACE_ID_BYTES)}-${randomHex(SPAN_ID_BYTES)}-0${sampled ? SAMPLED_FLAG : 0}`;
}

/** Whether spans of the trace are to be written. @param traceparent a valid one. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.charAt(54), 16) & SAMPLED_FLAG) === SAMPLED_FLAG;
}

/** The same context with the flag that has spans of its trace written. @param traceparent a valid one. */
export function asSampled(traceparent: string): string {
  return isSampled(traceparent) ? traceparent : `${traceparent.slice(0, -2)}0${SAMPLED_FLAG}`;
}

/** The context of another span of the same trace. @param traceparent a valid one. */
export function contextOfSpan(traceparent: string, spanId: string): string {
  const [start, end] = SPAN_ID;
  return `${traceparent.slice(0, start)}${spanId}${traceparent.slice(end)}`;
}

/** @param traceparent a valid one. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(...TRACE_ID);

/** @param traceparent a valid one. */
export const spanIdOf = (traceparent: string): string => traceparent.slice(...SPAN_ID);

/**
 * A context in the same trace with a span id of its own; of a new trace, which is not sampled, if the parent is none. In a
 * trace that is not sampled no span is written, and the parent itself is as good.
 */
export function childTraceparent(parent: string): string {
  return withSpanId(parent, () => randomHex(SPAN_ID_BYTES));
}

/**
 * A context in the same trace whose span id follows from what the span is about: whoever knows that knows the id, also of
 * a span that a process was to write which has died. In a trace that is not sampled it is the parent itself.
 *
 * @param about what tells the span from all others of its trace.
 */
export function derivedTraceparent(parent: string, ...about: (string | number)[]): string {
  return withSpanId(parent, (traceId) => derivedSpanId(traceId, ...about));
}

/** The span id of `derivedTraceparent`. */
export function derivedSpanId(traceId: string, ...about: (string | number)[]): string {
  return hash("sha1", `${traceId} ${about.join(" ")}`, "hex").slice(0, SPAN_ID_BYTES * 2);
}

function withSpanId(parent: string, spanId: (traceId: string) => string): string {
  const match = TRACEPARENT.exec(parent);
  if (!match) return newTraceparent(false);
  return isSampled(parent) ? `00-${match[1]}-${spanId(match[1]!)}-${match[3]}` : parent;
}

/** Whether the text is a valid traceparent: version 00, neither id all zeros. */
export function isTraceparent(text: string): boolean {
  const match = TRACEPARENT.exec(text);
  return match !== null && !/^0+$/.test(match[1]!) && !/^0+$/.test(match[2]!);
}

/** The fields by which a log line is found from its span, and the span from the line; none if the text is no context. */
export function traceFields(traceparent: string): { trace_id?: string; span_id?: string } {
  if (!isTraceparent(traceparent)) return {};
  const [, traceId, spanId] = traceparent.split("-");
  return { trace_id: traceId!, span_id: spanId! };
}
