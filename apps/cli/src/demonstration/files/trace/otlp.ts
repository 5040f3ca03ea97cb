/**
 * OTLP in JSON, as far as it is written here: ids in hex, times in nanoseconds as text, enums as numbers
 * (opentelemetry-proto, `ExportTraceServiceRequest`).
 */
import { z } from "zod";

export const SPAN_KIND = { internal: 1, consumer: 5 } as const;
export const STATUS = { unset: 0, ok: 1, error: 2 } as const;

const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/);
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/);
const unixNano = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .meta({ unit: "ns since 1970" });

const valueSchema = z
  .union([
    z.strictObject({ stringValue: z.string().describe("Text.") }),
    z.strictObject({
      intValue: z
        .string()
        .regex(/^-?[0-9]+$/)
        .describe("A whole number, as text."),
    }),
    z.strictObject({ boolValue: z.boolean().describe("Yes or no.") }),
    z.strictObject({ doubleValue: z.number().describe("Any number.") }),
  ])
  .describe("Its value, by type.");
const attributesSchema = z
  .array(z.strictObject({ key: z.string().describe("Its name."), value: valueSchema }))
  .describe("What else is known.");
export type Attributes = z.infer<typeof attributesSchema>;

const eventSchema = z.strictObject({
  timeUnixNano: unixNano.describe("When."),
  name: z.string().describe("What happened."),
  attributes: attributesSchema,
});
export type SpanEvent = z.infer<typeof eventSchema>;

const linkSchema = z.strictObject({
  traceId: traceId.describe("The trace of the linked span."),
  spanId: spanId.describe("The linked span."),
  attributes: attributesSchema,
});
export type SpanLink = z.infer<typeof linkSchema>;

const spanSchema = z.strictObject({
  traceId: traceId.describe("The trace of the workflow."),
  spanId: spanId.describe("Made of what the span is of."),
  parentSpanId: spanId.optional().describe("The span that it is part of; a workflow's has none."),
  name: z.string().describe("What it is of."),
  kind: z
    .union([z.literal(SPAN_KIND.internal), z.literal(SPAN_KIND.consumer)])
    .describe("1 (internal) for workflows and tasks, 5 (consumer) for deliveries."),
  startTimeUnixNano: unixNano.describe("When it began."),
  endTimeUnixNano: unixNano.describe("When it ended; the end of the window if it has not."),
  attributes: attributesSchema,
  events: z.array(eventSchema).describe("What happened meanwhile."),
  links: z
    .array(linkSchema)
    .describe(
      "Of a task: its dependencies. Of a delivery: the lost one that it makes up for. See attribute hive.link.",
    ),
  status: z
    .strictObject({
      code: z
        .union([z.literal(STATUS.unset), z.literal(STATUS.ok), z.literal(STATUS.error)])
        .describe("0 unset, 1 ok, 2 error."),
      message: z.string().optional().describe("What went wrong."),
    })
    .describe("How it ended."),
});
export type Span = z.infer<typeof spanSchema>;

const resourceSpansSchema = z.strictObject({
  resource: z.strictObject({ attributes: attributesSchema }).describe("The service that the spans are of."),
  scopeSpans: z
    .array(
      z.strictObject({
        scope: z
          .strictObject({
            name: z.string().describe("Who made the spans."),
            version: z.string().describe("Version of this file's form."),
          })
          .describe("Who made the spans."),
        spans: z.array(spanSchema).describe("The spans."),
      }),
    )
    .describe("Spans; none if nothing was measured, as resource attribute hive.absent.reason says then."),
});
export type ResourceSpans = z.infer<typeof resourceSpansSchema>;

export const traceRequestSchema = z.strictObject({
  resourceSpans: z.array(resourceSpansSchema).describe("Spans by service."),
});
export type TraceRequest = z.infer<typeof traceRequestSchema>;

/** Attributes in OTLP's form; those that are null or undefined are left out. */
export function attributesOf(
  values: Readonly<Record<string, string | number | boolean | null | undefined>>,
): Attributes {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

function valueOf(value: string | number | boolean): Attributes[number]["value"] {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Milliseconds since 1970 as OTLP has them. Microseconds are what a double still tells apart at this time. */
export function unixNanoOf(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`;
}
