/**
 * The agent's spans: of each task that was handed to it, and of what it sends to the engine. A process that was killed
 * writes none for what it held; whoever claims that does, under the same ids.
 */
import { STREAMS, type AgentGroup, type DeadLetterReason } from "@agent-hive/contracts";
import type { ClaimReport } from "@agent-hive/streams";
import {
  ATTRIBUTES,
  LINKS,
  SPAN_NAMES,
  childTraceparent,
  crashContext,
  deliveryContext,
  isSampled,
  processSpan,
  referenceTo,
  sendSpan,
  spanIdOf,
  tracing,
  wallClockMs,
  type MessageSubject,
  type SpanFacts,
} from "@agent-hive/telemetry";
import type { Attempt } from "../attempts/attempt.js";
import { readDelivery, type Delivery } from "../delivery/delivery.js";
import type { Report } from "../delivery/task-stream.js";

/** Of a process that held a task, as which it is known now. */
interface Holder {
  incarnation: string;
  agentId?: string;
}

/** How a delivery ended in this process. */
interface DeliveryEnd {
  /** The context of its span. */
  context: string;
  startMs: number;
  endMs: number;
  outcome: string;
  error?: SpanFacts["error"];
}

export class DeliverySpans {
  /** Whose death brought us an entry. */
  private readonly formerHolders = new Map<string, string>();

  constructor(
    private readonly group: Pick<AgentGroup, "stream" | "group">,
    private readonly identity: () => Holder,
  ) {}

  /** Results were handed over, or refused because their attempts are over. */
  reported(reports: readonly Report[], outcomes: readonly ("completed" | "lost")[], startMs: number): void {
    if (!tracing) return;
    const endMs = wallClockMs();
    for (const [index, report] of reports.entries()) {
      const { delivery, traceparent, run } = report;
      if (!isSampled(traceparent)) continue;
      this.ended(delivery, { ...run, endMs: run.startMs + run.runMs });
      if (outcomes[index] === "completed") this.sent(delivery, "result", traceparent, run.context, startMs, endMs);
      else this.refused(delivery, run.context);
    }
  }

  /** A result came to nothing: its delivery belongs to others, one of whom has written its span. */
  refused(delivery: Delivery, context: string): void {
    if (!tracing || !isSampled(context)) return;
    const { agentId } = this.identity();
    const atMs = wallClockMs();
    tracing.write({
      name: SPAN_NAMES.refused,
      kind: "internal",
      context: childTraceparent(context),
      parentSpanId: spanIdOf(context),
      startMs: atMs,
      endMs: atMs,
      attributes: {
        [ATTRIBUTES.task]: delivery.payload.taskId,
        [ATTRIBUTES.attempt]: delivery.envelope.attempt,
        [ATTRIBUTES.client]: agentId,
      },
      error: { type: "FENCED", message: "The task belonged to another process when its result came." },
    });
  }

  /** An attempt was interrupted, and its task is handed back. */
  handedBack({ delivery, traceparent: context, startedAtMs }: Attempt): void {
    this.ended(delivery, { context, startMs: startedAtMs, endMs: wallClockMs(), outcome: "handed-back" });
  }

  checkpointed(delivery: Delivery, context: string, startMs: number): void {
    this.sent(delivery, "checkpoint", context, this.contextOf(delivery), startMs, wallClockMs());
  }

  /** @param context of the message to the engine. */
  deadLettered(delivery: Delivery, reason: DeadLetterReason, context: string, startMs: number): void {
    if (!tracing || !isSampled(context)) return;
    const own = this.contextOf(delivery);
    const endMs = wallClockMs();
    const error = { type: reason, message: "The task was set aside as a dead letter." };
    this.ended(delivery, { context: own, startMs, endMs, outcome: "dead-letter", error });
    this.sent(delivery, "dead-letter", context, own, startMs, endMs);
  }

  /** Entries came from processes that died. What had begun there gets the span that its process cannot write any more. */
  claimed({ entries, crashed }: ClaimReport): void {
    if (!tracing || crashed.length === 0) return;
    const endMs = wallClockMs();
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const { entryId, incarnation, charged } of crashed) {
      const read = byId.has(entryId) ? readDelivery(byId.get(entryId)!) : undefined;
      if (!read?.ok || !isSampled(read.value.envelope.traceparent)) continue;
      this.formerHolders.set(entryId, incarnation);
      const { traceparent } = read.value.envelope;
      const context = deliveryContext(traceparent, entryId, incarnation);
      const cause = charged ? "crashed" : "frozen";
      const error = { type: cause, message: `The process that ran it (${incarnation}) has ${cause}.` };
      const startMs = addedAtMs(entryId);
      this.ended(read.value, { context, startMs, endMs, outcome: cause, error }, { incarnation });
      this.sent(read.value, "crash", crashContext(traceparent, entryId, incarnation), context, endMs, endMs);
    }
  }

  /** These entries are no longer this process's business. */
  released(entryIds: readonly string[]): void {
    if (this.formerHolders.size === 0) return;
    for (const entryId of entryIds) this.formerHolders.delete(entryId);
  }

  /** The context in which a delivery runs in this process. */
  private contextOf({ entryId, envelope }: Delivery): string {
    return deliveryContext(envelope.traceparent, entryId, this.identity().incarnation);
  }

  /** The span of a delivery in the process that held it. */
  private ended(delivery: Delivery, end: DeliveryEnd, holder: Holder = this.identity()): void {
    const { entryId, envelope } = delivery;
    const { context, startMs, endMs, outcome, error } = end;
    if (!tracing || !isSampled(context)) return;
    const former = this.formerHolders.get(entryId);
    const replaced =
      former === undefined || former === holder.incarnation
        ? []
        : [referenceTo(deliveryContext(envelope.traceparent, entryId, former), LINKS.replaces)];
    tracing.write(
      processSpan({
        message: envelope.traceparent,
        context,
        stream: this.group.stream,
        group: this.group.group,
        messageId: entryId,
        subject: subjectOf(delivery),
        startMs,
        endMs,
        attributes: {
          [ATTRIBUTES.client]: holder.agentId,
          [ATTRIBUTES.incarnation]: holder.incarnation,
          [ATTRIBUTES.outcome]: outcome,
        },
        links: replaced,
        error,
      }),
    );
  }

  private sent(
    delivery: Delivery,
    kind: string,
    context: string,
    parent: string,
    startMs: number,
    endMs: number,
  ): void {
    const attributes = { [ATTRIBUTES.kind]: kind };
    const parentSpanId = spanIdOf(parent);
    const subject = subjectOf(delivery);
    tracing?.write(sendSpan({ context, parentSpanId, stream: STREAMS.results, subject, startMs, endMs, attributes }));
  }
}

function subjectOf({
  envelope: { taskKey, attempt, agentType },
  payload: { taskId, handler },
}: Delivery): MessageSubject {
  return { taskKey, attempt, agentType, taskId, handler };
}

/** When an entry was added, by the clock of Redis: the first part of its id. */
const addedAtMs = (entryId: string): number => Number(entryId.split("-")[0]);
