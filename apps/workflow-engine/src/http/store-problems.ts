import { ProblemError } from "@agent-hive/service-kit";
import { isStoreUnavailable, isUnstorable } from "../store/store-errors.js";

/** What an error of PostgreSQL is to a client; undefined for any other error. */
export function problemOfStoreError(error: unknown): ProblemError | undefined {
  if (isStoreUnavailable(error)) {
    const detail =
      "PostgreSQL cannot be reached, or takes no writes, at the moment. Nothing accepted is lost; try again.";
    return new ProblemError("STORE_UNAVAILABLE", detail, { cause: error });
  }
  if (isUnstorable(error)) {
    const detail = `The request has a value that PostgreSQL does not take: ${error.message}.`;
    return new ProblemError("INVALID_REQUEST", detail, { cause: error });
  }
  return undefined;
}
