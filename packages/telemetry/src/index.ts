export {
  createLogger,
  LOG_LEVELS,
  silentLogger,
  type AdjustableLogger,
  type LogFields,
  type Logger,
  type LogLevel,
} from "./logger.js";
export {
  METRICS_MEDIA_TYPE,
  count,
  observe,
  readOnDemand,
  renderMetrics,
  watchProcess,
  type Reading,
} from "./metrics/metrics.js";
export { METRICS, type MetricName } from "./metrics/names.js";
export {
  asSampled,
  childTraceparent,
  contextOfSpan,
  isSampled,
  isTraceparent,
  newTraceparent,
  spanIdOf,
  traceFields,
  traceIdOf,
} from "./trace-context.js";
export {
  crashContext,
  deliveryContext,
  dispatchContext,
  processSpan,
  referenceTo,
  sendSpan,
  taskSpanId,
  workflowSpanId,
  type MessageSubject,
} from "./tracing/message-spans.js";
export { ATTRIBUTES, LINKS, LINK_ATTRIBUTE, SPAN_NAMES } from "./tracing/names.js";
export type { SpanFacts, SpanReference } from "./tracing/span.js";
export { startTracing, stopTracing, tracing, wallClockMs, type TracingOptions } from "./tracing/tracing.js";
