/**
 * The spans of this process. Most spans of a hive are about messages, which come in batches and whose beginning and end
 * are known together: they are written when they are over, without passing through a tracer. Only what a handler calls is
 * traced by OpenTelemetry's own instrumentations.
 */
import { isSampled } from "../trace-context.js";
import type { HandlerCalls } from "./handler-calls.js";
import { encodeSpan } from "./span-encoding.js";
import { SpanSender, type DeliveryListener } from "./span-sender.js";
import type { SpanFacts } from "./span.js";

/** Where spans go. */
export interface TracingOptions {
  /** Of an OTLP collector over HTTP, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  /** Name of the service. */
  service: string;
  /** Name of the process. */
  instance: string;
  /** Whether it runs handlers, whose calls are traced too. Default false. */
  hasHandlers?: boolean;
  onDelivery?: DeliveryListener;
}

/** Writes the spans of this process. */
export class Tracing {
  private calls: HandlerCalls | undefined;

  private constructor(private readonly sender: SpanSender) {}

  static async start({ endpoint, service, instance, hasHandlers, onDelivery }: TracingOptions): Promise<Tracing> {
    const tracing = new Tracing(new SpanSender(endpoint, service, instance, onDelivery));
    if (hasHandlers) {
      const calls = await import("./handler-calls.js");
      tracing.calls = new calls.HandlerCalls((facts) => tracing.write(facts));
    }
    return tracing;
  }

  /** Writes a span if its trace is sampled. */
  write(facts: SpanFacts): void {
    if (isSampled(facts.context)) this.sender.add(encodeSpan(facts));
  }

  /** Runs a function so that spans of what it calls become children of this context. */
  run<T>(traceparent: string, work: () => T): T {
    return this.calls ? this.calls.run(traceparent, work) : work();
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    await this.sender.flush();
  }

  async stop(): Promise<void> {
    this.calls?.stop();
    await this.sender.stop();
  }
}

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
