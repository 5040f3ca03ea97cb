import type { z } from "zod";
import { pointer, suggestion } from "@agent-hive/domain";
import { ProblemError, type ProblemDetail } from "@agent-hive/service-kit/problem";
import { knownKeysAt } from "./known-keys.js";

/** Most errors that one answer lists. */
const LISTED_ERRORS = 100;

/**
 * Checks what a client sent.
 *
 * @param what the part of the request, for the message: "body", "query".
 * @throws ProblemError `INVALID_REQUEST` listing everything that is wrong; unknown fields come with the nearest known one.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues
    .slice(0, LISTED_ERRORS)
    .flatMap((issue) => detailsOf(issue, schema, value))
    .slice(0, LISTED_ERRORS);
  const count = result.error.issues.length;
  throw new ProblemError("INVALID_REQUEST", `The ${what} has ${count === 1 ? "an error" : `${count} errors`}.`, {
    errors,
  });
}

function detailsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): ProblemDetail[] {
  if (issue.code !== "unrecognized_keys") {
    const message = `${issue.message}; it is ${show(valueAt(value, issue.path))}`;
    return [{ path: pathOf(issue.path), message, code: issue.code }];
  }
  const known = knownKeysAt(schema, issue.path);
  return issue.keys.map((key) => ({
    path: pathOf([...issue.path, key]),
    message: `${show(key)} is not a known field. ${suggestion(key, "fields", known)}`,
    code: "unknown_field",
  }));
}

const pathOf = (path: readonly PropertyKey[]): string =>
  pointer(...path.map((part) => (typeof part === "symbol" ? part.toString() : part)));

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part], value);
}

const LONGEST_SHOWN = 80;

/** A value as a message may show it: as JSON, which leaves nothing unprinted, and not all of it. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
