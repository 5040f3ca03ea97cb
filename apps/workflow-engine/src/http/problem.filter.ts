import { isNativeError } from "node:util/types";
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "@agent-hive/telemetry";
import { ProblemError, problemOf, type ProblemCode } from "./problem.js";
import { isStoreUnavailable, isUnstorable } from "../store/store-errors.js";

/** After how many seconds a client is asked to come again while PostgreSQL is away: it starts within one. */
const STORE_RETRY_SECONDS = 1;

/** Statuses that Nest and Fastify answer by themselves, and the problems they are. */
const CODES: Readonly<Record<number, ProblemCode>> = {
  400: "MALFORMED_REQUEST",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  413: "OVER_LIMIT",
  414: "OVER_LIMIT",
  415: "UNSUPPORTED_MEDIA_TYPE",
  503: "NOT_READY",
};

/** Answers every error as problem details. What is not the client's fault is logged with its stack and told without it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { problem, retryAfterSeconds, extension } = this.toAnswer(thrown, http.getRequest<FastifyRequest>());
    // An answer that has begun (a stream of events) can only be cut.
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    if (retryAfterSeconds !== undefined) void reply.header("retry-after", String(retryAfterSeconds));
    void reply
      .status(problem.status)
      .header("content-type", "application/problem+json; charset=utf-8")
      .serializer((body: unknown) => JSON.stringify(body))
      .send({ ...problem, ...extension });
  }

  private toAnswer(thrown: unknown, request: FastifyRequest): Answer {
    if (thrown instanceof ProblemError) return thrown;
    if (thrown instanceof HttpException) return ofHttpException(thrown);
    if (isStoreUnavailable(thrown)) {
      const detail = "PostgreSQL cannot be reached at the moment. Nothing is lost; try again.";
      return { problem: problemOf("STORE_UNAVAILABLE", detail), retryAfterSeconds: STORE_RETRY_SECONDS };
    }
    if (isUnstorable(thrown)) {
      return { problem: problemOf("INVALID_REQUEST", `The request has a value that PostgreSQL does not take: ${thrown.message}.`) };
    }
    if (isClientError(thrown)) {
      return { problem: { ...problemOf(CODES[thrown.statusCode] ?? "MALFORMED_REQUEST", thrown.message), status: thrown.statusCode } };
    }
    this.logger.error("a request failed", { method: request.method, url: request.url, err: thrown });
    return { problem: problemOf("INTERNAL", "The engine failed to answer; its log has the reason.") };
  }
}

interface Answer extends Pick<ProblemError, "problem"> {
  retryAfterSeconds?: number | undefined;
  /** Members beside the standard ones, e.g. the checks of `/health/ready`. */
  extension?: object;
}

/** What Fastify could not read, e.g. a body that is not what its encoding says. */
const isClientError = (thrown: unknown): thrown is Error & { statusCode: number } =>
  isNativeError(thrown) && "statusCode" in thrown && Number(thrown.statusCode) >= 400 && Number(thrown.statusCode) < 500;

function ofHttpException(exception: HttpException): Answer {
  const status = exception.getStatus();
  const code = CODES[status] ?? (status < 500 ? "MALFORMED_REQUEST" : "INTERNAL");
  const response = exception.getResponse();
  const extension = typeof response === "object" && "checks" in response ? { checks: response.checks } : {};
  return { problem: { ...problemOf(code, exception.message), status }, extension };
}
