import { API_LIMITS } from "@agent-hive/contracts";
import { ProblemError, type ProblemDetail } from "@agent-hive/service-kit/problem";
import { UnreadableJsonError, parseJson } from "./json-text.js";

/** The body of a submission as it came, unpacked. */
export interface SubmissionBody {
  bytes: Buffer;
  /** One JSON text; or lines of them, the workflow's own fields first and then one task each. */
  format: "json" | "ndjson";
}

/** What was read of it, not yet checked. */
export interface ReadBody {
  value: unknown;
  /** Says where in the body a problem is, as far as its path does not. */
  locate(detail: ProblemDetail): ProblemDetail;
}

const LISTED_ERRORS = 100;
const NEWLINE = 0x0a;

/** @throws ProblemError `MALFORMED_REQUEST`; `OVER_LIMIT` at the first task too many. */
export function readBody({ bytes, format }: SubmissionBody): ReadBody {
  return format === "json" ? readJson(bytes) : readLines(bytes);
}

function readJson(bytes: Buffer): ReadBody {
  try {
    return { value: parseJson(bytes), locate: (detail) => detail };
  } catch (error) {
    if (!(error instanceof UnreadableJsonError)) throw error;
    throw new ProblemError("MALFORMED_REQUEST", `The body cannot be read. ${error.message}`);
  }
}

function readLines(bytes: Buffer): ReadBody {
  const values: unknown[] = [];
  const lines: number[] = [];
  const errors: ProblemDetail[] = [];
  for (const { text, line } of linesOf(bytes)) {
    if (values.length > API_LIMITS.tasksPerWorkflow) throw tooManyTasks(line);
    try {
      values.push(parseJson(text));
      lines.push(line);
    } catch (error) {
      if (!(error instanceof UnreadableJsonError)) throw error;
      errors.push({ path: "", code: "malformed_line", message: `Line ${line} cannot be read. ${error.message}` });
      if (errors.length === LISTED_ERRORS) break;
    }
  }
  if (errors.length > 0) {
    throw new ProblemError("MALFORMED_REQUEST", "The body has lines that are not JSON.", { errors });
  }
  const [head, ...tasks] = values;
  return { value: { ...headOf(head), tasks }, locate: (detail) => atLine(detail, lines) };
}

function* linesOf(bytes: Buffer): Generator<{ text: Buffer; line: number }> {
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    start = end + 1;
    if (!text.every(isBlank)) yield { text, line };
  }
}

/** Blank lines, and the carriage returns of some systems, are no tasks. */
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

function headOf(head: unknown): object {
  const shape = 'The first line is an object with the workflow\'s own fields, such as {"name": "nightly"}';
  if (typeof head !== "object" || head === null || Array.isArray(head))
    throw new ProblemError("INVALID_REQUEST", `${shape}.`);
  for (const field of ["tasks", "phases"]) {
    if (field in head)
      throw new ProblemError("INVALID_REQUEST", `${shape}; its tasks follow, one a line. Remove "${field}".`);
  }
  return head;
}

/** The head stands in the first of the lines, task i in the one after the next i. */
function atLine(detail: ProblemDetail, lines: readonly number[]): ProblemDetail {
  const task = /^tasks\/(\d+)(\/|$)/.exec(detail.path)?.[1];
  const line = detail.path === "" ? undefined : lines[task === undefined ? 0 : Number(task) + 1];
  return line === undefined ? detail : { ...detail, message: `Line ${line}: ${detail.message}` };
}

function tooManyTasks(line: number): ProblemError {
  const { tasksPerWorkflow } = API_LIMITS;
  const detail = `Line ${line} is one task too many: a workflow may have ${tasksPerWorkflow}. Split it into several workflows.`;
  return new ProblemError("OVER_LIMIT", detail);
}
