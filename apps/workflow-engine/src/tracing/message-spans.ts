/** The engine's spans of messages: tasks that it sends, results and whatever else agents report that it deals with. */
import { ENGINES_GROUP, STREAMS, type TaskEntry } from "@agent-hive/contracts";
import type { DispatchedTask, RecordVerdict } from "@agent-hive/persistence";
import {
  ATTRIBUTES,
  LINKS,
  childTraceparent,
  dispatchContext,
  isSampled,
  processSpan,
  referenceTo,
  sendSpan,
  tracing,
  wallClockMs,
  type MessageSubject,
} from "@agent-hive/telemetry";

/**
 * @param tasks what the messages are about, in the order of the messages.
 * @param again they were published before, and got lost.
 */
export function writeDispatchSpans(
  tasks: readonly DispatchedTask[],
  messages: readonly TaskEntry[],
  { startMs, again }: { startMs: number; again: boolean },
): void {
  if (!tracing) return;
  const endMs = wallClockMs();
  for (const [index, { taskKey, traceparent: context }] of messages.entries()) {
    if (!isSampled(context)) continue;
    const { attempt, agentType, taskId, handler } = tasks[index]!;
    const subject = { taskKey, attempt, agentType, taskId, handler };
    const replaced = again ? attempt : attempt - 1;
    const links = replaced > 0 ? [referenceTo(dispatchContext(context, taskKey, replaced), LINKS.replaces)] : [];
    tracing.write(sendSpan({ context, stream: STREAMS.dispatch, subject, startMs, endMs, links }));
  }
}

/** A message of the results stream whose trace is sampled. */
export interface TracedReport {
  kind: "result" | "checkpoint" | "crash" | "dead-letter";
  /** The context that it carried. */
  context: string;
  messageId: string;
  subject: MessageSubject;
  /** Of a result: its place among the results of the batch. */
  place?: number;
}

/** @param verdicts what became of the results of the batch. */
export function writeReportSpans(
  reports: readonly TracedReport[],
  verdicts: readonly RecordVerdict[],
  startMs: number,
): void {
  if (!tracing || reports.length === 0) return;
  const endMs = wallClockMs();
  for (const { kind, context: message, messageId, subject, place } of reports) {
    const outcome = place === undefined ? undefined : verdicts[place];
    const attributes = { [ATTRIBUTES.kind]: kind, [ATTRIBUTES.outcome]: outcome };
    const group = { stream: STREAMS.results, group: ENGINES_GROUP };
    tracing.write(
      processSpan({
        message,
        context: childTraceparent(message),
        ...group,
        messageId,
        subject,
        startMs,
        endMs,
        attributes,
      }),
    );
  }
}
