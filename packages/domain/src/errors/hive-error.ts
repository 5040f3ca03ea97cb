/**
 * The errors of Agent Hive, sorted by what happens next. Whoever runs a task decides by class alone: transient is
 * tried again, terminal is not, interrupted is handed back uncharged, a lost lease drops the result. Anything that is
 * not a `HiveError` is a defect and is treated as transient up to the attempt limit.
 */

/** What an error carries besides its code and message. */
export interface HiveErrorOptions {
  /** Values a program may want, e.g. `{ taskId, attempt }`. Must be serialisable; never secrets. */
  details?: Readonly<Record<string, unknown>>;
  /** The error that led to this one. */
  cause?: unknown;
}

/** Base of all errors thrown on purpose. `code` is stable and documented; the message is for people. */
export class HiveError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: HiveErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** It may pass later: the attempt fails and the next one is scheduled. */
export class TransientError extends HiveError {
  /** Not to be tried again sooner than this many milliseconds from now; absent means the retry policy alone decides. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: HiveErrorOptions & { retryAfterMs?: number } = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Repeating cannot help: the task fails now, whatever attempts are left. */
export class TerminalError extends HiveError {}

/** We stopped it ourselves (shutdown, hand-over): the task is handed back and no attempt is charged. */
export class InterruptedError extends HiveError {}

/** Another incarnation owns the work now: the result is dropped and nothing is acknowledged. */
export class LeaseLostError extends HiveError {}
