export { createLogger, LOG_LEVELS, silentLogger, type LogFields, type Logger, type LogLevel } from "./logger.js";
export { childTraceparent, isTraceparent, newTraceparent } from "./trace-context.js";
