import pg from "pg";
import type { z } from "zod";
import { pointer } from "@agent-hive/domain";
import { ProblemError } from "@agent-hive/service-kit";
import { TooMuchToMeasureError } from "../records/primary-records.js";

/** Most errors that one answer lists. */
const LISTED_ERRORS = 100;
/** A table that is not there. */
const UNDEFINED_TABLE = "42P01";

/** What the service's own errors are to a client; undefined if it is none of the client's business. */
export function problemOf(thrown: unknown): ProblemError | undefined {
  if (thrown instanceof TooMuchToMeasureError) return new ProblemError("OVER_LIMIT", thrown.message, { cause: thrown });
  if (thrown instanceof pg.DatabaseError && thrown.code === UNDEFINED_TABLE) {
    const detail = "The database has no tables of a hive yet; the first engine that starts makes them.";
    return new ProblemError("NOT_READY", detail, { cause: thrown });
  }
  return undefined;
}

/**
 * Reads what a client sent.
 *
 * @throws ProblemError `INVALID_REQUEST` listing what is wrong, `what` being its name there.
 */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, LISTED_ERRORS).map(({ path, message, code }) => ({
    path: pointer(...path.map((part) => (typeof part === "symbol" ? String(part) : part))),
    message,
    code,
  }));
  throw new ProblemError("INVALID_REQUEST", `The ${what} is not what is expected.`, { errors });
}
