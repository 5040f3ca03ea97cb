/**
 * Spans as OTLP's JSON. Written piece by piece: of a burst most of the work of tracing was OpenTelemetry's own way from a span to
 * its text (20 µs each, of which this takes 3).
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { spanIdOf, traceIdOf } from "../trace-context.js";
import { ATTRIBUTES, LINK_ATTRIBUTE } from "./names.js";
import type { AttributeValue, SpanFacts, SpanReference } from "./span.js";

/** OpenTelemetry's default: of a task that waited for a thousand others nobody looks at all. */
const MOST_LINKS = 128;
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const STATUS_ERROR = 2;
/** W3C's flag "sampled", and OTLP's two bits that tell whether the parent is of another system. */
const SAMPLED = 0x1;
const KNOWS_PARENT = 0x100;
const REMOTE_PARENT = 0x200;

/** One span. */
export function encodeSpan(facts: SpanFacts): string {
  const { name, kind, context, parentSpanId, hasRemoteParent, startMs, attributes, error, links = [] } = facts;
  const endMs = Math.max(startMs, facts.endMs);
  const flags = SAMPLED | KNOWS_PARENT | (hasRemoteParent ? REMOTE_PARENT : 0);
  let text = `{"traceId":"${traceIdOf(context)}","spanId":"${spanIdOf(context)}","flags":${flags},"name":${quoted(name)},"kind":${KINDS[kind]}`;
  if (parentSpanId !== undefined) text += `,"parentSpanId":"${parentSpanId}"`;
  text += `,"startTimeUnixNano":"${nanoseconds(startMs)}","endTimeUnixNano":"${nanoseconds(endMs)}"`;
  text += `,"attributes":[${encodeAttributes(attributes, error?.type)}]`;
  if (links.length > 0) text += encodeLinks(links);
  text += error ? `,"status":{"code":${STATUS_ERROR},"message":${quoted(error.message)}}}` : `,"status":{"code":0}}`;
  return text;
}

/** What comes before and after the spans of a process in a request, which are separated by commas. */
export function envelopeOf(service: string, instance: string): [before: string, after: string] {
  const resource = encodeAttributes({
    "service.name": service,
    "service.namespace": "agent-hive",
    "service.instance.id": instance,
  });
  return [
    `{"resourceSpans":[{"resource":{"attributes":[${resource}]},"scopeSpans":[{"scope":{"name":"agent-hive"},"spans":[`,
    `]}]}]}`,
  ];
}

function encodeLinks(links: readonly SpanReference[]): string {
  const kept = links.slice(0, MOST_LINKS).map(({ traceId, spanId, why }) => {
    const attributes = encodeAttributes({ [LINK_ATTRIBUTE]: why });
    return `{"traceId":"${traceId}","spanId":"${spanId}","flags":${SAMPLED},"attributes":[${attributes}]}`;
  });
  return `,"links":[${kept.join(",")}],"droppedLinksCount":${links.length - kept.length}`;
}

function encodeAttributes(attributes: SpanFacts["attributes"], errorType?: string): string {
  let text = "";
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) text += text === "" ? encodeAttribute(name, value) : `,${encodeAttribute(name, value)}`;
  }
  if (errorType === undefined) return text;
  return `${text}${text === "" ? "" : ","}${encodeAttribute(ATTRIBUTES.errorType, errorType)}`;
}

/** By name and value, as they were written before: most values are few, such as streams, types and handlers. */
const written = new Map<string, Map<AttributeValue, string>>();
/** Of ids there is no end: what comes after so many is written anew each time. */
const MOST_KEPT = 256;
const LONGEST_KEPT = 128;

function encodeAttribute(name: string, value: AttributeValue): string {
  const values = written.get(name);
  const known = values?.get(value);
  if (known !== undefined) return known;
  const text = `{"key":${quoted(name)},"value":${encodeValue(value)}}`;
  if (typeof value !== "object" && text.length <= LONGEST_KEPT) keep(name, value, text, values);
  return text;
}

function keep(
  name: string,
  value: AttributeValue,
  text: string,
  values: Map<AttributeValue, string> | undefined,
): void {
  if (values === undefined && written.size < MOST_KEPT) written.set(name, new Map([[value, flat(text)]]));
  else if (values !== undefined && values.size < MOST_KEPT) values.set(value, flat(text));
}

/** A string that was put together is kept as its parts until somebody needs all of it. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function encodeValue(value: AttributeValue): string {
  if (typeof value === "string") return `{"stringValue":${quoted(value)}}`;
  if (typeof value === "boolean") return `{"boolValue":${value}}`;
  if (typeof value === "number") return Number.isInteger(value) ? `{"intValue":${value}}` : `{"doubleValue":${value}}`;
  return `{"arrayValue":{"values":[${value.map(encodeValue).join(",")}]}}`;
}

/** Most texts need no escapes, and looking is quicker than writing. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** Whole microseconds are what a number can hold. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`;
