/** Asks a Jaeger for traces. */
import { setTimeout as delay } from "node:timers/promises";
import { judgeTrace } from "./judge-trace.js";
import type { MessageCounts } from "./noted-messages.js";
import { spansOf, type OtlpTraces, type SeenSpan } from "./spans.js";

/** Where Jaeger is, on this machine. */
export const JAEGER_FLAGS = {
  otlp: { default: 4318, what: "port at which Jaeger takes OTLP over HTTP" },
  query: { default: 16686, what: "port at which Jaeger answers queries" },
};

/** Spans are sent within 100 ms, and Jaeger stores them when it can. */
export const STORED_WITHIN_MS = 30_000;

const LOOK_EVERY_MS = 200;

/**
 * Asks until the trace is right, or should be.
 *
 * @param storedBy by the clock of `performance.now()`.
 */
export async function judgedTrace(
  traceId: string,
  noted: MessageCounts,
  port: number,
  storedBy: number,
): Promise<{ problems: string[]; spans: SeenSpan[] }> {
  for (;;) {
    const spans = await traceOf(traceId, port);
    const problems = judgeTrace(spans, noted);
    if (problems.length === 0 || performance.now() > storedBy) return { problems, spans };
    await delay(LOOK_EVERY_MS);
  }
}

async function traceOf(traceId: string, port: number): Promise<SeenSpan[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v3/traces/${traceId}`);
  if (!response.ok) return [];
  return spansOf(((await response.json()) as { result: OtlpTraces }).result);
}
