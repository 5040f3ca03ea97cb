import { isNativeError } from "node:util/types";

/** Codes of the sockets and of PostgreSQL that mean: not reachable now. 08 connection exceptions, 53 out of resources, 57P shutdown; 57014 a statement took too long. */
const CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|08\w{3}|53300|57014|57P0[1-5])$/;
/** What `pg` says without a code when a connection ends under a query or cannot be had in time. */
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/;

/** Whether an error says that PostgreSQL is away, so that the same call may succeed later. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  // Several addresses of one host that all failed.
  if ("errors" in error && Array.isArray(error.errors) && error.errors.some(isStoreUnavailable)) return true;
  const { code } = error as { code?: unknown };
  return (
    (typeof code === "string" && CODES.test(code)) || MESSAGES.test(error.message) || isStoreUnavailable(error.cause)
  );
}

/** Class 22: data exceptions, such as text with NUL; class 23: a constraint that says no. */
const UNSTORABLE = /^2[23]\w{3}$/;

/** Whether PostgreSQL refuses the values themselves, so that repeating the call cannot help. */
export function isUnstorable(error: unknown): error is Error {
  return isNativeError(error) && "code" in error && typeof error.code === "string" && UNSTORABLE.test(error.code);
}
