/** Spans as a collector has them, whatever it is: OTLP in JSON, taken apart. */
import { LINK_ATTRIBUTE } from "@agent-hive/telemetry";

export interface SeenSpan {
  traceId: string;
  spanId: string;
  /** "" for the first span of a trace. */
  parentSpanId: string;
  name: string;
  /** OpenTelemetry's number of the kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  attributes: Record<string, string | number | boolean>;
  links: { spanId: string; traceId: string; why: string }[];
  isFailed: boolean;
  startMs: number;
  endMs: number;
  /** Which service wrote it, and which process. */
  service: string;
  instance: string;
}

interface OtlpValue {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}
type OtlpAttributes = { key: string; value: OtlpValue }[];
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number | string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: OtlpAttributes;
  links?: { traceId: string; spanId: string; attributes?: OtlpAttributes }[];
  status?: { code?: number | string };
}

/** What is sent to `/v1/traces`, and what Jaeger answers. */
export interface OtlpTraces {
  resourceSpans?: { resource?: { attributes?: OtlpAttributes }; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
}

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_ERROR = 2;

export function spansOf({ resourceSpans = [] }: OtlpTraces): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const { "service.name": service, "service.instance.id": instance } = plain(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({ ...seen(span), service: String(service), instance: String(instance) })),
    );
  });
}

function seen(span: OtlpSpan): Omit<SeenSpan, "service" | "instance"> {
  const { traceId, spanId, parentSpanId = "", name, kind, status } = span;
  return {
    traceId: hex(traceId),
    spanId: hex(spanId),
    parentSpanId: hex(parentSpanId),
    name,
    kind: typeof kind === "number" ? kind : KINDS.indexOf(kind.replace("SPAN_KIND_", "")),
    attributes: plain(span.attributes),
    links: (span.links ?? []).map((link) => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      why: String(plain(link.attributes)[LINK_ATTRIBUTE]),
    })),
    isFailed: status?.code === STATUS_ERROR || status?.code === "STATUS_CODE_ERROR",
    startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
  };
}

/** Ids are hexadecimal by OTLP's rules; what follows protobuf's rules for JSON has them in base64. */
const hex = (id: string): string => (/^([0-9a-f]{16}){0,2}$/.test(id) ? id : Buffer.from(id, "base64").toString("hex"));

function plain(attributes: OtlpAttributes = []): SeenSpan["attributes"] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? value.boolValue ?? Number(value.intValue),
    ]),
  );
}
