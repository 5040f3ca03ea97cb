import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply, FastifyRequest, HTTPMethods, RouteOptions } from "fastify";
import { PROBLEM_MEDIA_TYPE } from "./problem.filter.js";
import { problemOf } from "./problem.js";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"];
/** Answered for every path that there is. */
const OPTIONS = "OPTIONS";
const NO_CONTENT = 204;

/**
 * Where a path exists but the method does not, says which ones do (405 with `Allow`) rather than that there is no such
 * path; OPTIONS is answered with the same.
 *
 * @returns what is to be called once all routes of the service are made.
 */
export function answerOtherMethods(app: NestFastifyApplication): () => void {
  const fastify = app.getHttpAdapter().getInstance();
  const methodsOf = new Map<string, Set<string>>();
  let isComplete = false;
  fastify.addHook("onRoute", ({ url, method }: RouteOptions) => {
    if (isComplete || url.includes("*")) return;
    const methods = methodsOf.get(url) ?? new Set();
    methodsOf.set(url, methods);
    for (const each of [method].flat()) methods.add(each);
  });
  return () => {
    isComplete = true;
    for (const [url, methods] of methodsOf) {
      const allowed = [...methods, OPTIONS].toSorted().join(", ");
      const answer = async (request: FastifyRequest, reply: FastifyReply) => refuse(request, reply, allowed);
      const others = METHODS.filter((method) => !methods.has(method));
      // Before a body is read: whatever it is, it changes nothing.
      fastify.route({ url, method: [OPTIONS, ...others], onRequest: answer, handler: answer });
    }
  };
}

function refuse({ method, url }: FastifyRequest, reply: FastifyReply, allowed: string): FastifyReply {
  void reply.header("allow", allowed);
  if (method === OPTIONS) return reply.status(NO_CONTENT).send();
  const path = url.split("?", 1)[0];
  const problem = problemOf("METHOD_NOT_ALLOWED", `${method} is not possible at ${path}. Use one of: ${allowed}.`);
  return reply.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
