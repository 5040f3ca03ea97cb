import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Problem } from "@agent-hive/contracts";
import { TransientError } from "@agent-hive/domain";
import type { Logger } from "@agent-hive/telemetry";

const NOT_FOUND = 404;
const UNAVAILABLE = 503;
/** Redis is back within a second, as a rule. */
const RETRY_AFTER_SECONDS = 1;

/** Answers every error as problem details (RFC 9457); what is nobody's request's fault is logged and told without its stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = this.answerTo(thrown, http.getRequest<FastifyRequest>());
    const reply = http.getResponse<FastifyReply>();
    if (problem.status === UNAVAILABLE) void reply.header("retry-after", String(RETRY_AFTER_SECONDS));
    void reply
      .status(problem.status)
      .header("content-type", "application/problem+json; charset=utf-8")
      .serializer((body: unknown) => JSON.stringify(body))
      .send(problem);
  }

  private answerTo(thrown: unknown, request: FastifyRequest): Problem & { checks?: unknown } {
    if (thrown instanceof HttpException) return ofHttpException(thrown);
    if (thrown instanceof TransientError) {
      return problemOf(UNAVAILABLE, "STORE_UNAVAILABLE", "A store cannot be reached", thrown.message);
    }
    this.logger.error("a request failed", { method: request.method, url: request.url, err: thrown });
    const detail = "The coordinator failed to answer; its log has the reason.";
    return problemOf(500, "INTERNAL", "Something is wrong with the coordinator", detail);
  }
}

function ofHttpException(exception: HttpException): Problem & { checks?: unknown } {
  const status = exception.getStatus();
  const body = exception.getResponse();
  const checks = typeof body === "object" && "checks" in body ? { checks: body.checks } : {};
  if (status === NOT_FOUND) return problemOf(status, "NOT_FOUND", "There is no such thing", exception.message);
  if (status === UNAVAILABLE)
    return { ...problemOf(status, "NOT_READY", "The service is not ready", exception.message), ...checks };
  return problemOf(status, "MALFORMED_REQUEST", "The request cannot be answered", exception.message);
}

function problemOf(status: number, code: string, title: string, detail: string): Problem {
  return { type: `urn:agent-hive:problem:${code.toLowerCase().replaceAll("_", "-")}`, title, status, detail, code };
}
