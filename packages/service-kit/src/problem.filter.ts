import { isNativeError } from "node:util/types";
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { TransientError } from "@agent-hive/domain";
import type { Logger } from "@agent-hive/telemetry";
import { ProblemError, problemOf, problemOfStatus } from "./problem.js";

/** Media type of a problem's answer. */
export const PROBLEM_MEDIA_TYPE = "application/problem+json; charset=utf-8";

/** What a service's own error is to a client; undefined if it is none of the client's business. */
export type ProblemTranslation = (thrown: unknown) => ProblemError | undefined;

const UNAVAILABLE = 503;
/** A store is back within a second, as a rule. */
const UNAVAILABLE_RETRY_SECONDS = 1;

/**
 * Answers every error as problem details (RFC 9457). What is not the client's fault is logged with its stack and told
 * without it.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly translate: ProblemTranslation = () => undefined,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { problem, retryAfterSeconds, extension } = this.toAnswer(thrown, http.getRequest<FastifyRequest>());
    // An answer that has begun (a stream of events) can only be cut.
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    const usual = problem.status === UNAVAILABLE ? UNAVAILABLE_RETRY_SECONDS : null;
    const retryAfter = retryAfterSeconds === undefined ? usual : retryAfterSeconds;
    if (retryAfter !== null) void reply.header("retry-after", String(retryAfter));
    void reply
      .status(problem.status)
      .header("content-type", PROBLEM_MEDIA_TYPE)
      .serializer((body: unknown) => JSON.stringify(body))
      .send({ ...problem, ...extension });
  }

  private toAnswer(thrown: unknown, request: FastifyRequest): Answer {
    const known = thrown instanceof ProblemError ? thrown : this.translate(thrown);
    if (known) return known;
    if (thrown instanceof HttpException) return ofHttpException(thrown);
    if (isClientError(thrown)) return { problem: problemOfStatus(thrown.statusCode, thrown.message) };
    if (thrown instanceof TransientError) return { problem: problemOf("STORE_UNAVAILABLE", thrown.message) };
    this.logger.error("a request failed", { method: request.method, url: request.url, err: thrown });
    return { problem: problemOf("INTERNAL", "The service failed to answer; its log has the reason.") };
  }
}

interface Answer extends Pick<ProblemError, "problem"> {
  retryAfterSeconds?: number | null | undefined;
  /** Members beside the standard ones, e.g. the checks of `/health/ready`. */
  extension?: object;
}

/** What Fastify could not read, e.g. a body that is not what its encoding says. */
const isClientError = (thrown: unknown): thrown is Error & { statusCode: number } =>
  isNativeError(thrown) &&
  "statusCode" in thrown &&
  Number(thrown.statusCode) >= 400 &&
  Number(thrown.statusCode) < 500;

function ofHttpException(exception: HttpException): Answer {
  const response = exception.getResponse();
  const extension = typeof response === "object" && "checks" in response ? { checks: response.checks } : {};
  return { problem: problemOfStatus(exception.getStatus(), exception.message), extension };
}
