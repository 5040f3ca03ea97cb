import type { TracerProvider } from "@opentelemetry/api";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";

/**
 * Spans for what handlers call by `fetch`, models and other services alike: they are made only within a task's context, so
 * that the hive's own requests make none.
 */
export function instrumentCalls(tracerProvider: TracerProvider): void {
  registerInstrumentations({
    tracerProvider,
    instrumentations: [new UndiciInstrumentation({ requireParentforSpans: true })],
  });
}
