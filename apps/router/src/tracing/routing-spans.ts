/** The router's spans: of each task that it takes from the dispatch stream, and of the message that it sends on. */
import { ROUTERS_GROUP, STREAMS } from "@agent-hive/contracts";
import type { RouteReport } from "@agent-hive/streams";
import {
  ATTRIBUTES,
  childTraceparent,
  isSampled,
  processSpan,
  sendSpan,
  spanIdOf,
  tracing,
  wallClockMs,
  type MessageSubject,
} from "@agent-hive/telemetry";
import type { SortedBatch, SortedLetter, SortedTask } from "../routing/sort-batch.js";

/** What is lost belongs to another router, which writes its spans. */
export function writeRoutingSpans(batch: SortedBatch, { routed, deadLetters }: RouteReport, startMs: number): void {
  if (!tracing) return;
  const endMs = wallClockMs();
  for (const [index, task] of batch.routed.flatMap(({ tasks }) => tasks).entries()) {
    const outcome = routed[index]!;
    if (outcome === "lost" || !isSampled(task.cameUnder)) continue;
    const sent = outcome === "routed" ? { context: task.task.traceparent, stream: task.target } : undefined;
    writeSpans(task, subjectOf(task), { outcome, startMs, endMs, sent });
  }
  for (const [index, letter] of batch.deadLetters.entries()) writeLetter(letter, deadLetters[index]!, startMs, endMs);
}

function writeLetter(
  letter: SortedLetter,
  outcome: RouteReport["deadLetters"][number],
  startMs: number,
  endMs: number,
): void {
  const { cameUnder, messageId, agentType, taskKey, attempt, traceparent, problem } = letter;
  if (outcome === "lost" || cameUnder === undefined || !isSampled(cameUnder)) return;
  const sent =
    outcome === "dead-lettered" ? { context: traceparent!, stream: STREAMS.results, kind: "dead-letter" } : undefined;
  const error = { type: "NO_TAKER", message: problem };
  const subject = { agentType, taskKey: taskKey!, attempt: attempt! };
  writeSpans({ cameUnder, messageId }, subject, { outcome, startMs, endMs, sent, error });
}

interface Routing {
  outcome: string;
  startMs: number;
  endMs: number;
  sent: { context: string; stream: string; kind?: string } | undefined;
  error?: { type: string; message: string };
}

function writeSpans(
  { cameUnder: message, messageId }: { cameUnder: string; messageId: string },
  subject: MessageSubject,
  { outcome, sent, error, ...times }: Routing,
): void {
  const context = childTraceparent(message);
  const attributes = { [ATTRIBUTES.outcome]: outcome };
  const from = { stream: STREAMS.dispatch, group: ROUTERS_GROUP };
  tracing!.write(processSpan({ message, context, messageId, ...from, subject, ...times, attributes, error }));
  if (!sent) return;
  const { kind, ...to } = sent;
  const parentSpanId = spanIdOf(context);
  tracing!.write(sendSpan({ ...to, parentSpanId, subject, ...times, attributes: { [ATTRIBUTES.kind]: kind } }));
}

const subjectOf = ({ task: { agentType, taskKey, attempt }, handler }: SortedTask): MessageSubject => ({
  agentType,
  taskKey,
  attempt,
  handler,
});
