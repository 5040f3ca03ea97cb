/**
 * The spans of this process. Most spans of a hive are about messages, which come in batches and whose beginning and end
 * are known together: they are built in bulk when they are over, and go to OpenTelemetry's exporter without passing
 * through a tracer. Only what a handler calls is traced by OpenTelemetry's own instrumentations.
 */
import type { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { isSampled, spanIdOf, traceIdOf } from "../trace-context.js";
import { ATTRIBUTES, LINK_ATTRIBUTE } from "./names.js";
import type { SpanAttributes, SpanFacts, SpanReference } from "./span.js";

/** Where spans go. */
export interface TracingOptions {
  /** Of an OTLP collector over HTTP, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  /** Name of the service. */
  service: string;
  /** Name of the process. */
  instance: string;
  /** Told when spans could not be sent, and lost, for the first time; and when they can be sent again. */
  onDelivery?: (delivery: { sent: true } | { sent: false; error: Error }) => void;
}

/** Spans wait so long for others to be sent along: as much as a crash may cost of them. */
const EXPORT_EVERY_MS = 100;
const EXPORT_AT_ONCE = 2_048;
/** Then spans are dropped: about 16 MiB. */
const MOST_WAITING = 16_384;
const EXPORT_TIMEOUT_MS = 10_000;
/** OpenTelemetry's default: of a task that waited for a thousand others nobody looks at all. */
const MOST_LINKS = 128;

/** Writes the spans of this process. */
export class Tracing {
  private readonly scope = { name: "agent-hive" };

  private constructor(
    private readonly processor: SpanProcessor,
    private readonly resource: ReadableSpan["resource"],
    private readonly contexts: AsyncLocalStorageContextManager,
    private readonly api: typeof import("@opentelemetry/api"),
    private readonly forgetCalls: () => void,
  ) {}

  /** Loads OpenTelemetry, which only processes that trace have in memory. */
  static async start({ endpoint, service, instance, onDelivery }: TracingOptions): Promise<Tracing> {
    const [api, { AsyncLocalStorageContextManager }, { resourceFromAttributes }, sdk] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/context-async-hooks"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/sdk-trace-base"),
    ]);
    const resource = resourceFromAttributes({
      "service.name": service,
      "service.namespace": "agent-hive",
      "service.instance.id": instance,
    });
    const spanProcessor = new sdk.BatchSpanProcessor(watched(await exporterTo(endpoint), onDelivery), {
      scheduledDelayMillis: EXPORT_EVERY_MS,
      maxExportBatchSize: EXPORT_AT_ONCE,
      maxQueueSize: MOST_WAITING,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    });
    const contexts = new AsyncLocalStorageContextManager().enable();
    api.context.setGlobalContextManager(contexts);
    // What instrumentations make belongs to a sampled task, or is not written.
    const sampler = new sdk.ParentBasedSampler({ root: new sdk.AlwaysOffSampler() });
    const provider = new sdk.BasicTracerProvider({ resource, sampler, spanProcessors: [spanProcessor] });
    api.trace.setGlobalTracerProvider(provider);
    const { instrumentCalls } = await import("./instrument-calls.js");
    return new Tracing(spanProcessor, resource, contexts, api, instrumentCalls(provider));
  }

  /** Writes a span if its trace is sampled. */
  write(facts: SpanFacts): void {
    if (isSampled(facts.context)) this.processor.onEnd(this.readable(facts));
  }

  /** Runs a function so that spans of what it calls become children of this context. */
  run<T>(traceparent: string, work: () => T): T {
    const { trace, ROOT_CONTEXT } = this.api;
    return this.contexts.with(trace.setSpanContext(ROOT_CONTEXT, this.spanContext(traceparent)), work);
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    await this.processor.forceFlush();
  }

  async stop(): Promise<void> {
    this.forgetCalls();
    this.api.trace.disable();
    this.api.context.disable();
    await this.processor.shutdown();
  }

  private spanContext(traceparent: string) {
    return {
      traceId: traceIdOf(traceparent),
      spanId: spanIdOf(traceparent),
      traceFlags: this.api.TraceFlags.SAMPLED,
    };
  }

  private readable(facts: SpanFacts): ReadableSpan {
    const { name, kind, context, parentSpanId, hasRemoteParent = false, startMs, error } = facts;
    const endMs = Math.max(startMs, facts.endMs);
    const own = this.spanContext(context);
    const { SpanKind, SpanStatusCode } = this.api;
    const links = facts.links ?? [];
    return {
      name,
      kind: SpanKind[KINDS[kind]],
      spanContext: () => own,
      ...(parentSpanId === undefined
        ? {}
        : { parentSpanContext: { ...own, spanId: parentSpanId, isRemote: hasRemoteParent } }),
      startTime: hrTime(startMs),
      endTime: hrTime(endMs),
      duration: hrTime(endMs - startMs),
      status: error ? { code: SpanStatusCode.ERROR, message: error.message } : { code: SpanStatusCode.UNSET },
      attributes: known({ ...facts.attributes, [ATTRIBUTES.errorType]: error?.type }),
      links: links.slice(0, MOST_LINKS).map((link) => this.link(link)),
      events: [],
      ended: true,
      resource: this.resource,
      instrumentationScope: this.scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: Math.max(0, links.length - MOST_LINKS),
    };
  }

  private link({ traceId, spanId, why }: SpanReference) {
    return {
      context: { traceId, spanId, traceFlags: this.api.TraceFlags.SAMPLED },
      attributes: { [LINK_ATTRIBUTE]: why },
    };
  }
}

/** By OpenTelemetry's names. */
const KINDS = { internal: "INTERNAL", server: "SERVER", producer: "PRODUCER", consumer: "CONSUMER" } as const;

/** Of this process; undefined if it writes no spans. */
export let tracing: Tracing | undefined;

/** From now on this process writes spans; of several services in one process the first one says as whom. */
export async function startTracing(options: TracingOptions): Promise<void> {
  tracing ??= await Tracing.start(options);
}

/** Sends what waits, and writes no more. */
export async function stopTracing(): Promise<void> {
  const stopped = tracing;
  tracing = undefined;
  await stopped?.stop();
}

/** The wall clock in milliseconds since 1970, finer than `Date.now()`. */
export const wallClockMs = (): number => performance.timeOrigin + performance.now();

async function exporterTo(endpoint: string) {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  return new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
}

/** Tells of every change between spans that are taken and spans that are lost. */
function watched(exporter: SpanExporter, tell: TracingOptions["onDelivery"]): SpanExporter {
  let isSent = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result;
        const wasSent = isSent;
        isSent = error === undefined;
        if (isSent !== wasSent) tell?.(error === undefined ? { sent: true } : { sent: false, error });
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

function known(attributes: SpanAttributes): ReadableSpan["attributes"] {
  const kept: ReadableSpan["attributes"] = {};
  for (const name in attributes) if (attributes[name] !== undefined) kept[name] = attributes[name];
  return kept;
}

function hrTime(ms: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}
