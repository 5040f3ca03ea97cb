import type { Problem } from "@agent-hive/contracts";

/** Where in a request something is wrong, and what. */
export type ProblemDetail = NonNullable<Problem["errors"]>[number];

/** How each problem is answered: its stable code, its HTTP status and its title. All services answer from this list. */
const PROBLEMS = {
  MALFORMED_REQUEST: { status: 400, title: "The request cannot be read" },
  INVALID_REQUEST: { status: 400, title: "The request is not valid" },
  UNAUTHENTICATED: { status: 401, title: "Who is asking is not known" },
  FORBIDDEN: { status: 403, title: "The API key does not allow this" },
  NOT_FOUND: { status: 404, title: "There is no such thing" },
  REQUEST_TIMEOUT: { status: 408, title: "The request came too slowly" },
  METHOD_NOT_ALLOWED: { status: 405, title: "The method is not allowed here" },
  CONFLICT: { status: 409, title: "The request conflicts with what is there" },
  IDEMPOTENCY_KEY_REUSED: { status: 409, title: "The idempotency key was used with another body" },
  OVER_LIMIT: { status: 413, title: "The request is over a limit" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "The media type is not supported" },
  INVALID_DEFINITION: { status: 422, title: "The definition cannot be run" },
  BACKLOG_FULL: { status: 429, title: "Too much work is waiting" },
  INTERNAL: { status: 500, title: "Something is wrong with the service" },
  NOT_READY: { status: 503, title: "The service is not ready" },
  TOO_BUSY: { status: 503, title: "Too much is being worked on" },
  STORE_UNAVAILABLE: { status: 503, title: "A store cannot be reached" },
  OUTCOME_UNKNOWN: { status: 503, title: "Whether the request was carried out is not known" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** What answers with a status and no code of their own, as Nest and Fastify do, is called. */
const CODES: Readonly<Record<number, ProblemCode>> = {
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  408: "REQUEST_TIMEOUT",
  409: "CONFLICT",
  413: "OVER_LIMIT",
  414: "OVER_LIMIT",
  415: "UNSUPPORTED_MEDIA_TYPE",
  431: "OVER_LIMIT",
  503: "NOT_READY",
};

/** Further parts of a problem's answer. */
export interface ProblemOptions {
  errors?: ProblemDetail[];
  /**
   * For problems that pass: after how many seconds it is worth another try; null if another try might do it twice. Default 1
   * with status 503, else none.
   */
  retryAfterSeconds?: number | null;
  cause?: unknown;
}

/** An error that is meant for the client: answered as problem details (RFC 9457), with the status of its code. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly retryAfterSeconds: number | null | undefined;
  readonly problem: Problem;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.problem = problemOf(code, detail, options.errors);
  }
}

/** The body of a problem's answer. */
export function problemOf(code: ProblemCode, detail: string, errors?: ProblemDetail[]): Problem {
  const { status, title } = PROBLEMS[code];
  const type = `urn:agent-hive:problem:${code.toLowerCase().replaceAll("_", "-")}`;
  return { type, title, status, detail, code, ...(errors === undefined ? {} : { errors }) };
}

/** The body for an HTTP status that came without a code. */
export function problemOfStatus(status: number, detail: string): Problem {
  const code = CODES[status] ?? (status < 500 ? "MALFORMED_REQUEST" : "INTERNAL");
  return { ...problemOf(code, detail), status };
}
