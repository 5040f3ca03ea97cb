/**
 * Spans of messages. A task's messages are all children of the task's span, and a span that processes a message is linked
 * to the one that sent it: so no span is without its parent if a process dies before it has sent its spans. Task spans are
 * written when their workflow ends; that their ids follow from the task's key lets everybody name them before.
 */
import { derivedSpanId, derivedTraceparent, spanIdOf, traceIdOf } from "../trace-context.js";
import { ATTRIBUTES, LINKS, MESSAGING_SYSTEM, SPAN_NAMES } from "./names.js";
import type { SpanAttributes, SpanFacts, SpanReference } from "./span.js";

/** What a message of the hive is about. */
export interface MessageSubject {
  taskKey: string;
  attempt: number;
  agentType?: string | undefined;
  taskId?: string | undefined;
  handler?: string | undefined;
}

interface MessageSpan {
  /** Name of the stream, without a prefix of keys. */
  stream: string;
  subject: MessageSubject;
  startMs: number;
  endMs: number;
  attributes?: SpanAttributes;
  links?: SpanReference[];
  error?: SpanFacts["error"];
}

/** A message that was sent. */
export interface SentMessage extends MessageSpan {
  /** The context that the message carries: that of this span. */
  context: string;
  /** The span in which it was sent. Default: the task's. */
  parentSpanId?: string;
}

/** A message that was dealt with. */
export interface ProcessedMessage extends MessageSpan {
  /** The context that the message carried, if that is known. */
  message?: string;
  /** The context of this span. */
  context: string;
  group: string;
  messageId?: string;
}

/** Of the span of a whole workflow. */
export const workflowSpanId = (traceId: string, workflowId: string): string =>
  derivedSpanId(traceId, "workflow", workflowId);

/** Of the span of a whole task. */
export const taskSpanId = (traceId: string, taskKey: string): string => derivedSpanId(traceId, "task", taskKey);

/** Of the message that dispatches an attempt. @param trace any context of the workflow. */
export const dispatchContext = (trace: string, taskKey: string, attempt: number): string =>
  derivedTraceparent(trace, "dispatch", taskKey, attempt);

/** Of one handing of a task to a process. */
export const deliveryContext = (trace: string, entryId: string, incarnation: string): string =>
  derivedTraceparent(trace, "delivery", entryId, incarnation);

/** Of the message that tells of a crash. */
export const crashContext = (trace: string, entryId: string, incarnation: string): string =>
  derivedTraceparent(trace, "crash", entryId, incarnation);

/** The span of a message that was sent. */
export function sendSpan({ context, parentSpanId, ...message }: SentMessage): SpanFacts {
  const { stream, subject, startMs, endMs, links, error } = message;
  return {
    name: `${SPAN_NAMES.send} ${stream}`,
    kind: "producer",
    context,
    parentSpanId: parentSpanId ?? taskSpanId(traceIdOf(context), subject.taskKey),
    startMs,
    endMs,
    attributes: attributesOf(message, "send"),
    ...(links && { links }),
    ...(error && { error }),
  };
}

/** The span of a message that was dealt with, linked to the one that sent it. */
export function processSpan({ message, context, group, messageId, ...about }: ProcessedMessage): SpanFacts {
  const { stream, subject, startMs, endMs, links = [], error } = about;
  const attributes = attributesOf(about, "process");
  attributes[ATTRIBUTES.consumerGroup] = group;
  attributes[ATTRIBUTES.message] = messageId;
  return {
    name: `${SPAN_NAMES.process} ${stream}`,
    kind: "consumer",
    context,
    parentSpanId: taskSpanId(traceIdOf(context), subject.taskKey),
    startMs,
    endMs,
    attributes,
    links: message === undefined ? links : [referenceTo(message, LINKS.message), ...links],
    ...(error && { error }),
  };
}

/** Another span, named by its context. */
export const referenceTo = (context: string, why: SpanReference["why"]): SpanReference => ({
  traceId: traceIdOf(context),
  spanId: spanIdOf(context),
  why,
});

/** Set one by one: of a span's whole cost, copying a literal with such names was a third. */
function attributesOf({ stream, subject, attributes }: MessageSpan, operation: "send" | "process"): SpanAttributes {
  const { taskKey, taskId, handler, agentType, attempt } = subject;
  const colon = taskKey.lastIndexOf(":");
  const all: SpanAttributes = {};
  all[ATTRIBUTES.system] = MESSAGING_SYSTEM;
  all[ATTRIBUTES.operation] = operation;
  all[ATTRIBUTES.destination] = stream;
  all[ATTRIBUTES.workflow] = taskKey.slice(0, colon);
  all[ATTRIBUTES.position] = Number(taskKey.slice(colon + 1));
  all[ATTRIBUTES.task] = taskId;
  all[ATTRIBUTES.handler] = handler;
  all[ATTRIBUTES.agentType] = agentType;
  all[ATTRIBUTES.attempt] = attempt;
  for (const name in attributes) all[name] = attributes[name];
  all[ATTRIBUTES.operationType] = operation;
  return all;
}
