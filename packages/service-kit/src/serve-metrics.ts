import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { METRICS_MEDIA_TYPE, observe, readOnDemand, renderMetrics, watchProcess } from "@agent-hive/telemetry";
import type { Health } from "./health.js";

/** Requests whose path nothing is at: their number must not be up to who sends them. */
const NO_ROUTE = "none";

/**
 * Serves the metrics of the process at `/metrics`, and counts the service's own requests.
 *
 * @returns a function that ends what it reads.
 */
export function serveMetrics(app: NestFastifyApplication, health: Health): () => void {
  const fastify = app.getHttpAdapter().getInstance();
  watchProcess();
  let up: [{ check: string }, number][] = [];
  const stop = readOnDemand("hive_check_up", () => up);
  fastify.addHook("onResponse", async (request: FastifyRequest, reply: FastifyReply) => {
    const { method, routeOptions } = request;
    const labels = { method, route: routeOptions.url ?? NO_ROUTE, status: String(reply.statusCode) };
    observe("hive_http_request_duration_seconds", labels, reply.elapsedTime / 1000);
  });
  fastify.get("/metrics", async (_request: FastifyRequest, reply: FastifyReply) => {
    const { checks } = await health.report();
    up = Object.entries(checks).map(([check, { status }]) => [{ check }, status === "up" ? 1 : 0]);
    return reply.type(METRICS_MEDIA_TYPE).send(await renderMetrics());
  });
  return () => void stop();
}
