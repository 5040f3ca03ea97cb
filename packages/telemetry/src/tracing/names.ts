/**
 * Names of spans and of their attributes, each once; docs/telemetry.md lists them. Those of messages are OpenTelemetry's
 * semantic conventions for messaging, which are still in development (`messaging.system` is to become
 * `messaging.system.name`), so they are written here and nowhere else.
 */

/** First words of span names; what follows is the name of a stream, a task or a workflow. */
export const SPAN_NAMES = {
  /** A message was added to a stream. */
  send: "send",
  /** A message was taken from a stream and dealt with. */
  process: "process",
  /** A result came from a process that had lost the right to its task. */
  refused: "refused result",
  /** All of a task: from its first dispatch to its end. */
  task: "task",
  /** All of a workflow: from its submission to its end. */
  workflow: "workflow",
} as const;

export const ATTRIBUTES = {
  system: "messaging.system",
  operation: "messaging.operation.name",
  operationType: "messaging.operation.type",
  destination: "messaging.destination.name",
  consumerGroup: "messaging.consumer.group.name",
  client: "messaging.client.id",
  message: "messaging.message.id",
  errorType: "error.type",
  httpMethod: "http.request.method",
  httpRoute: "http.route",
  httpStatus: "http.response.status_code",
  workflow: "hive.workflow.id",
  workflowName: "hive.workflow.name",
  task: "hive.task.id",
  position: "hive.task.position",
  agentType: "hive.agent.type",
  handler: "hive.handler",
  attempt: "hive.attempt",
  kind: "hive.message.kind",
  outcome: "hive.outcome",
  incarnation: "hive.incarnation",
  reconstructed: "hive.reconstructed",
} as const;

/** Why a span is linked to another one: the attribute `hive.link` of the link. */
export const LINKS = {
  /** The message that was processed. */
  message: "message",
  /** What was tried before and is now tried again. */
  replaces: "replaces",
  /** A task that had to end first. */
  dependency: "dependency",
} as const;
export const LINK_ATTRIBUTE = "hive.link";

/** Value of `ATTRIBUTES.system`. */
export const MESSAGING_SYSTEM = "redis";
