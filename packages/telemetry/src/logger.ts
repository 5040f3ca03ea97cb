import { createRequire } from "node:module";
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from "pino";

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

/** A logger whose level can be changed while it is used, for itself and all that came from it. */
export interface AdjustableLogger extends Logger {
  level: LogLevel;
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
 * A logger of JSON lines on standard output, written synchronously: the last line before a crash is the one that counts. In a
 * terminal the lines are made for people.
 *
 * @param options.service goes into every line.
 * @param options.level least severe level that is written. Default `info`.
 */
export function createLogger(options: { service: string; level?: LogLevel; fields?: LogFields }): AdjustableLogger {
  const settings = {
    level: "trace", // what is written is decided before
    base: { service: options.service, pid: process.pid, ...options.fields },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
    formatters: { level: (level: string) => ({ level }) },
  };
  const target = process.stdout.isTTY ? pino(settings, linesForPeople()) : pino(settings);
  return new JsonLogger(target, { level: options.level ?? "info" });
}

/** Loaded only where there is a terminal. */
function linesForPeople(): DestinationStream {
  const pretty = createRequire(import.meta.url)("pino-pretty") as (options: object) => DestinationStream;
  return pretty({ sync: true, ignore: "pid,service", translateTime: "SYS:HH:MM:ss.l" });
}

/** A logger that writes nothing, for tests and for callers that bring none. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};

/** What all loggers of a service have in common. */
interface Threshold {
  level: LogLevel;
}

class JsonLogger implements AdjustableLogger {
  constructor(
    private readonly target: PinoLogger,
    private readonly threshold: Threshold,
  ) {}

  get level(): LogLevel {
    return this.threshold.level;
  }

  set level(level: LogLevel) {
    this.threshold.level = level;
  }

  error(sentence: string, fields: LogFields = {}): void {
    if (this.writes("error")) this.target.error(fields, sentence);
  }

  warn(sentence: string, fields: LogFields = {}): void {
    if (this.writes("warn")) this.target.warn(fields, sentence);
  }

  info(sentence: string, fields: LogFields = {}): void {
    if (this.writes("info")) this.target.info(fields, sentence);
  }

  debug(sentence: string, fields: LogFields = {}): void {
    if (this.writes("debug")) this.target.debug(fields, sentence);
  }

  child(fields: LogFields): Logger {
    return new JsonLogger(this.target.child(fields), this.threshold);
  }

  private writes(level: LogLevel): boolean {
    return SEVERITY[level] >= SEVERITY[this.threshold.level];
  }
}

/** The later in the list, the less severe. */
const SEVERITY = Object.fromEntries(
  LOG_LEVELS.map((level) => [level, level === "silent" ? Infinity : -LOG_LEVELS.indexOf(level)]),
) as Record<LogLevel, number>;
