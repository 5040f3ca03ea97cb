import { context, trace, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, type HrTime } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { spanIdOf, traceIdOf } from "../trace-context.js";
import { ATTRIBUTES } from "./names.js";
import type { AttributeValue, SpanFacts } from "./span.js";

/**
 * Spans for what handlers call: by `fetch`, models and other services alike, and whatever a handler traces by itself. They are
 * made only within a task's context: what a process asks on its own account makes none. This is where OpenTelemetry is in
 * memory, and only processes with handlers load it.
 */
export class HandlerCalls {
  private readonly contexts = new AsyncLocalStorageContextManager().enable();
  private readonly forget: () => void;

  /** @param write takes each span that is over. */
  constructor(write: (facts: SpanFacts) => void) {
    context.setGlobalContextManager(this.contexts);
    // What instrumentations make belongs to a sampled task, or is not written.
    const sampler = new ParentBasedSampler({ root: new AlwaysOffSampler() });
    const provider = new BasicTracerProvider({ sampler, spanProcessors: [processorTo(write)] });
    trace.setGlobalTracerProvider(provider);
    this.forget = registerInstrumentations({
      tracerProvider: provider,
      instrumentations: [new UndiciInstrumentation({ requireParentforSpans: true })],
    });
  }

  /** Runs a function so that spans of what it calls become children of this context. */
  run<T>(traceparent: string, work: () => T): T {
    const parent = {
      traceId: traceIdOf(traceparent),
      spanId: spanIdOf(traceparent),
      traceFlags: TraceFlags.SAMPLED,
    };
    return this.contexts.with(trace.setSpanContext(ROOT_CONTEXT, parent), work);
  }

  stop(): void {
    this.forget();
    trace.disable();
    context.disable();
  }
}

function processorTo(write: (facts: SpanFacts) => void): SpanProcessor {
  return {
    onStart: () => undefined,
    onEnd: (span) => write(factsOf(span)),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}

const KINDS = {
  [SpanKind.INTERNAL]: "internal",
  [SpanKind.SERVER]: "server",
  [SpanKind.CLIENT]: "client",
  [SpanKind.PRODUCER]: "producer",
  [SpanKind.CONSUMER]: "consumer",
} as const;

function factsOf(span: ReadableSpan): SpanFacts {
  const { traceId, spanId } = span.spanContext();
  const { code, message = "" } = span.status;
  const { [ATTRIBUTES.errorType]: type = "_OTHER", ...attributes } = span.attributes;
  return {
    name: span.name,
    kind: KINDS[span.kind],
    context: `00-${traceId}-${spanId}-01`,
    parentSpanId: span.parentSpanContext?.spanId,
    startMs: msOf(span.startTime),
    endMs: msOf(span.endTime),
    attributes: attributes as Record<string, AttributeValue>,
    ...(code === SpanStatusCode.ERROR && { error: { type: String(type), message } }),
  };
}

const msOf = ([seconds, nanoseconds]: HrTime): number => seconds * 1000 + nanoseconds / 1e6;
