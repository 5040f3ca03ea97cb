import fc from "fast-check";
import { newTraceparent, spanIdOf, traceIdOf } from "../trace-context.js";
import { encodeSpan, envelopeOf } from "./span-encoding.js";
import type { SpanFacts } from "./span.js";

interface Encoded {
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  links?: unknown[];
  status: unknown;
}

const encoded = (facts: Partial<SpanFacts>): Encoded =>
  JSON.parse(
    encodeSpan({
      name: "n",
      kind: "internal",
      context: newTraceparent(),
      startMs: 0,
      endMs: 1,
      attributes: {},
      ...facts,
    }),
  ) as Encoded;

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string());

test("any text survives, wherever it stands", () => {
  fc.assert(
    fc.property(text, text, text, (name, value, message) => {
      const span = encoded({ name, attributes: { [name]: value }, error: { type: value, message } });
      expect(span.name).toBe(name);
      expect(span.attributes[0]).toEqual({ key: name, value: { stringValue: value } });
      expect(span.attributes.at(-1)).toEqual({ key: "error.type", value: { stringValue: value } });
      expect(span.status).toEqual({ code: 2, message });
    }),
  );
});

test("values bear their types, and what is not known is left out", () => {
  const { attributes } = encoded({
    attributes: { whole: 3, part: 0.5, yes: true, no: undefined, list: ["a", 1] },
  });
  expect(attributes).toEqual([
    { key: "whole", value: { intValue: 3 } },
    { key: "part", value: { doubleValue: 0.5 } },
    { key: "yes", value: { boolValue: true } },
    { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { intValue: 1 }] } } },
  ]);
});

test("times are whole microseconds in nanoseconds, and nothing ends before it has begun", () => {
  const span = encoded({ startMs: 1_700_000_000_000.25, endMs: 1 });
  expect(span).toMatchObject({ startTimeUnixNano: "1700000000000250000", endTimeUnixNano: "1700000000000250000" });
});

test("a parent of another system is marked as such", () => {
  const parentSpanId = "1".repeat(16);
  expect(encoded({ parentSpanId })).toMatchObject({ parentSpanId, flags: 0x101 });
  expect(encoded({ parentSpanId, hasRemoteParent: true })).toMatchObject({ flags: 0x301 });
});

test("spans between what comes before and after are one request", () => {
  const context = newTraceparent();
  const span = encodeSpan({ name: "n", kind: "client", context, startMs: 0, endMs: 1, attributes: {} });
  const [before, after] = envelopeOf('a "service"', "a-1");
  const { resourceSpans } = JSON.parse(`${before}${span},${span}${after}`) as {
    resourceSpans: { resource: unknown; scopeSpans: { spans: unknown[] }[] }[];
  };
  expect(resourceSpans[0]!.scopeSpans[0]!.spans).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({ traceId: traceIdOf(context), spanId: spanIdOf(context), kind: 3 }),
    ),
  );
  expect(JSON.stringify(resourceSpans[0]!.resource)).toContain('a \\"service\\"');
});
