import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LOG_LEVELS, type AdjustableLogger, type LogLevel } from "@agent-hive/telemetry";
import { PROBLEM_MEDIA_TYPE } from "./problem.filter.js";
import { problemOf } from "./problem.js";

/**
 * Tells and changes at run time how much the service logs: `GET /v1/log-level`, `PUT /v1/log-level/debug`. With its next life it
 * is what the settings say again.
 */
export function serveLogLevel(app: NestFastifyApplication, logger: AdjustableLogger): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get("/v1/log-level", async () => ({ level: logger.level }));
  fastify.put<{ Params: { level: string } }>(
    "/v1/log-level/:level",
    async ({ params: { level } }: FastifyRequest<{ Params: { level: string } }>, reply: FastifyReply) => {
      if (!isLogLevel(level)) return refuse(reply, level);
      const before = logger.level;
      logger.level = level;
      logger.info("the log level was changed", { before, level });
      return { level };
    },
  );
}

const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

function refuse(reply: FastifyReply, level: string): FastifyReply {
  const problem = problemOf("INVALID_REQUEST", `"${level}" is no log level. Use one of: ${LOG_LEVELS.join(", ")}.`);
  return reply.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
