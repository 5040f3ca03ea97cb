/** Is this one trace of one workflow, whole, and does it tell of every message? */
import { ATTRIBUTES } from "@agent-hive/telemetry";
import type { MessageCounts } from "./noted-messages.js";
import type { SeenSpan } from "./spans.js";

const SERVER = 2;
const PRODUCER = 4;
const CONSUMER = 5;

/** @returns what is wrong with the trace of a workflow, a sentence each; empty if nothing is. */
export function judgeTrace(spans: readonly SeenSpan[], noted: MessageCounts): string[] {
  return [...orphans(spans), ...twice(spans), ...linksToNothing(spans), ...roots(spans), ...miscounted(spans, noted)];
}

/** Spans by what they say was done with a message. */
function countMessages(spans: readonly SeenSpan[]): MessageCounts {
  const counts: MessageCounts = {};
  for (const { kind, name, attributes } of spans) {
    if (kind !== PRODUCER && kind !== CONSUMER) continue;
    const what = name.replace(/(agent_messages):.*/, "$1");
    const key = what.endsWith("workflow:results") ? `${what} ${attributes[ATTRIBUTES.kind]}` : what;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function orphans(spans: readonly SeenSpan[]): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return spans
    .filter(({ parentSpanId }) => parentSpanId !== "" && !known.has(parentSpanId))
    .map(
      ({ name, spanId, parentSpanId }) => `"${name}" (${spanId}) names a parent that is not there (${parentSpanId})`,
    );
}

function twice(spans: readonly SeenSpan[]): string[] {
  const byId = Map.groupBy(spans, ({ spanId }) => spanId);
  return [...byId.values()]
    .filter((same) => same.length > 1)
    .map(
      (same) => `span id ${same[0]!.spanId} is used ${same.length} times: ${same.map(({ name }) => name).join(", ")}`,
    );
}

function linksToNothing(spans: readonly SeenSpan[]): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return spans.flatMap(({ name, links }) =>
    links
      .filter(({ spanId }) => !known.has(spanId))
      .map(({ spanId, why }) => `"${name}" is linked to a span that is not there (${why}, ${spanId})`),
  );
}

function roots(spans: readonly SeenSpan[]): string[] {
  const found = spans.filter(({ parentSpanId }) => parentSpanId === "");
  if (found.length === 1 && found[0]!.kind === SERVER) return [];
  return [
    `the trace begins with ${found.map(({ name }) => `"${name}"`).join(", ") || "nothing"}, not with the one request`,
  ];
}

/** Crashes and checkpoints are not counted by the history: as many are processed as are sent. */
function miscounted(spans: readonly SeenSpan[], noted: MessageCounts): string[] {
  const counts = countMessages(spans);
  const expected = { ...noted };
  for (const kind of ["crash", "checkpoint", "dead-letter"]) {
    const sent = counts[`send workflow:results ${kind}`];
    if (sent !== undefined) expected[`send workflow:results ${kind}`] = sent;
    if (sent !== undefined) expected[`process workflow:results ${kind}`] = sent;
  }
  return [...new Set([...Object.keys(counts), ...Object.keys(expected)])]
    .filter((what) => counts[what] !== expected[what])
    .map((what) => `"${what}": ${counts[what] ?? 0} spans, ${expected[what] ?? 0} messages in the history`);
}
