import { HiveError, TerminalError, TransientError, toError } from "@agent-hive/domain";
import type { Outcome, TaskError } from "@agent-hive/contracts";

// Limits of `taskErrorSchema`: what an agent sends must pass the engine's parser.
const CODE_LENGTH = 128;
const MESSAGE_LENGTH = 8192;
const STACK_LENGTH = 16_384;
/** Details are for a reader's eye; anything larger belongs in an output. */
const DETAILS_BYTES = 8192;

/** Anything thrown that is no `HiveError`. */
export function isDefect(thrown: unknown): boolean {
  return !(thrown instanceof HiveError);
}

/** What becomes of an attempt whose handler threw. */
export function outcomeOfThrown(thrown: unknown): Outcome {
  const error = toTaskError(thrown);
  if (thrown instanceof TerminalError) return { status: "failed", error, retryable: false };
  const retryAfterMs = thrown instanceof TransientError ? delayOf(thrown) : undefined;
  return { status: "failed", error, retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The error as it is stored and shown, within the limits of the contract. */
function toTaskError(thrown: unknown): TaskError {
  const error = toError(thrown);
  const details = error instanceof HiveError ? smallJson(error.details) : undefined;
  return {
    code: codeOf(error).slice(0, CODE_LENGTH),
    message: error.message.slice(0, MESSAGE_LENGTH),
    ...(details === undefined ? {} : { details }),
    // The stack of an error thrown on purpose says nothing; a defect's is where to look.
    ...(isDefect(error) && error.stack !== undefined ? { stack: error.stack.slice(0, STACK_LENGTH) } : {}),
  };
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code !== "" ? code : error.name;
}

function delayOf({ retryAfterMs }: TransientError): number | undefined {
  return retryAfterMs !== undefined && retryAfterMs >= 0 ? Math.ceil(retryAfterMs) : undefined;
}

function smallJson(details: Readonly<Record<string, unknown>>): unknown {
  if (Object.keys(details).length === 0) return undefined;
  try {
    const text = JSON.stringify(details);
    return text.length <= DETAILS_BYTES ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The JSON of what a handler gave us, or undefined for undefined.
 *
 * @param what names the value in the error: `output of handler "rank"`.
 * @throws TerminalError `OUTPUT_NOT_JSON` if it has no JSON.
 */
export function encodeJson(value: unknown, what: string): string | undefined {
  if (value === undefined) return undefined;
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  const why = cause === undefined ? `it is a ${typeof value}` : toError(cause).message;
  throw new TerminalError("OUTPUT_NOT_JSON", `The ${what} has no JSON: ${why}`, { cause });
}
