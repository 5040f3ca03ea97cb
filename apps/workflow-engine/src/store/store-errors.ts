import { isNativeError } from "node:util/types";

/**
 * Codes and messages of an error that came before anything was asked, or with a refusal: it has certainly not been done.
 * 25006 read-only, 53 out of resources (connections, memory, disk), 57P03 starting up.
 */
const REFUSALS: Signs = {
  codes: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENOENT|DATABASE_AWAY|DATABASE_READ_ONLY|25006|53\w{3}|57P03)$/,
  messages: /timeout exceeded when trying to connect|Connection terminated due to connection timeout/,
};
/** Of one that came instead of an answer: 08 connection exceptions, 57014 cancelled for its time, 57P shut down. */
const INTERRUPTIONS: Signs = {
  codes: /^(ECONNRESET|EPIPE|ETIMEDOUT|08\w{3}|57014|57P0[1-5])$/,
  messages: /Connection terminated|Client has encountered a connection error|Query read timeout/,
};

interface Signs {
  codes: RegExp;
  messages: RegExp;
}

/** Whether an error says that PostgreSQL is away, so that the same call may succeed later. */
export function isStoreUnavailable(error: unknown): boolean {
  return shows(error, REFUSALS) || shows(error, INTERRUPTIONS);
}

/** Whether what was asked of PostgreSQL may have been done all the same: the answer is missing, not the deed. */
export function isOutcomeUnknown(error: unknown): boolean {
  return shows(error, INTERRUPTIONS) && !shows(error, REFUSALS);
}

function shows(error: unknown, signs: Signs): boolean {
  if (!isNativeError(error)) return false;
  // Several addresses of one host that all failed.
  if ("errors" in error && Array.isArray(error.errors) && error.errors.some((each) => shows(each, signs))) return true;
  const { code } = error as { code?: unknown };
  return (
    (typeof code === "string" && signs.codes.test(code)) ||
    signs.messages.test(error.message) ||
    shows(error.cause, signs)
  );
}

/** Class 22: data exceptions, such as text with NUL; class 23: a constraint that says no. */
const UNSTORABLE = /^2[23]\w{3}$/;

/** Whether PostgreSQL refuses the values themselves, so that repeating the call cannot help. */
export function isUnstorable(error: unknown): error is Error {
  return isNativeError(error) && "code" in error && typeof error.code === "string" && UNSTORABLE.test(error.code);
}
