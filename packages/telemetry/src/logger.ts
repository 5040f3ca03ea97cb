import { pino, stdTimeFunctions, type Logger as PinoLogger } from "pino";

/** Fields of a log line. An `err` is written with its stack. */
export type LogFields = Record<string, unknown>;

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Constant sentences with fields. `error` needs a person, `warn` may, `info` marks a life event, `debug` explains. */
export interface Logger {
  error(sentence: string, fields?: LogFields): void;
  warn(sentence: string, fields?: LogFields): void;
  info(sentence: string, fields?: LogFields): void;
  debug(sentence: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

/** Field names whose values are never written. */
const REDACTED = [
  "password",
  "authorization",
  "cookie",
  "apiKey",
  "*.password",
  "*.authorization",
  "*.cookie",
  "*.apiKey",
];

/**
 * A logger of JSON lines on standard output, written synchronously: the last line before a crash is the one that counts.
 *
 * @param options.service goes into every line.
 * @param options.level least severe level that is written. Default `info`.
 */
export function createLogger(options: { service: string; level?: LogLevel; fields?: LogFields }): Logger {
  return new JsonLogger(
    pino({
      level: options.level ?? "info",
      base: { service: options.service, pid: process.pid, ...options.fields },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: "[redacted]" },
      formatters: { level: (level) => ({ level }) },
    }),
  );
}

/** A logger that writes nothing, for tests and for callers that bring none. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};

class JsonLogger implements Logger {
  constructor(private readonly target: PinoLogger) {}

  error(sentence: string, fields: LogFields = {}): void {
    this.target.error(fields, sentence);
  }

  warn(sentence: string, fields: LogFields = {}): void {
    this.target.warn(fields, sentence);
  }

  info(sentence: string, fields: LogFields = {}): void {
    this.target.info(fields, sentence);
  }

  debug(sentence: string, fields: LogFields = {}): void {
    this.target.debug(fields, sentence);
  }

  child(fields: LogFields): Logger {
    return new JsonLogger(this.target.child(fields));
  }
}
