import type { TracerProvider } from "@opentelemetry/api";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";

/**
 * Spans for what handlers call by `fetch`, models and other services alike. They are made only within a task's context:
 * what a process asks on its own account makes none.
 *
 * @returns what takes them off again.
 */
export function instrumentCalls(tracerProvider: TracerProvider): () => void {
  return registerInstrumentations({
    tracerProvider,
    instrumentations: [new UndiciInstrumentation({ requireParentforSpans: true })],
  });
}
