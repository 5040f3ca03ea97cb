import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SettingsError } from "../settings/settings-error.js";
import { PROBLEM_MEDIA_TYPE } from "../problem.filter.js";
import { problemOf, type ProblemCode } from "../problem.js";
import { readApiKeys, type ApiKeys, type Scope } from "./api-keys.js";
import { isLoopback } from "./loopback.js";

/** Asked by orchestrators and scrapers, which have no key; they tell of the process and of no workflow. */
const OPEN_PATHS = /^\/(health\/(live|ready)|metrics)$/;
/** Describes the API and holds nothing of this hive. */
const DESCRIPTION_PATHS = /^\/docs(-json|-yaml|\/.*)?$/;
const ARTIFACT_PATHS = /^\/v1\/artifacts(\/|$)/;
const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Decides who may ask this service what. With a file of keys every request needs one of them, except for health, metrics
 * and the description of the API. Without one the service serves its own machine only.
 *
 * @throws SettingsError if others could ask and no keys are given, or the file cannot be used.
 */
export function guardRoutes(app: NestFastifyApplication, host: string, keysFile: string | undefined): void {
  if (keysFile === undefined) return requireLoopback(host);
  const keys = readApiKeys(keysFile);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook("onRequest", async (request: FastifyRequest, reply: FastifyReply) => {
      const refusal = refusalOf(request, keys);
      if (refusal) return refuse(reply, refusal);
    });
}

function requireLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new SettingsError([
    `HIVE_HTTP_HOST is "${host}", where other machines can ask, and no API keys are set. Name a file of keys in ` +
      `HIVE_API_KEYS_FILE, or listen at 127.0.0.1.`,
  ]);
}

interface Refusal {
  code: ProblemCode;
  detail: string;
}

function refusalOf({ method, url, headers }: FastifyRequest, keys: ApiKeys): Refusal | undefined {
  const path = url.split("?", 1)[0]!;
  if (OPEN_PATHS.test(path) || DESCRIPTION_PATHS.test(path)) return undefined;
  const given = BEARER.exec(headers.authorization ?? "")?.[1];
  if (given === undefined) {
    return { code: "UNAUTHENTICATED", detail: 'The request has no API key. Send "Authorization: Bearer KEY".' };
  }
  const key = keys.find(given);
  if (key === undefined) return { code: "UNAUTHENTICATED", detail: "The API key is not known here." };
  const wanted = scopesFor(method, path);
  if (wanted.some((scope) => key.scopes.includes(scope))) return undefined;
  return {
    code: "FORBIDDEN",
    detail: `The API key "${key.name}" allows ${key.scopes.join(", ")}; ${method} ${path} needs ${wanted.join(" or ")}.`,
  };
}

function scopesFor(method: string, path: string): Scope[] {
  if (READING.has(method)) return ARTIFACT_PATHS.test(path) ? ["read", "artifacts"] : ["read"];
  return ARTIFACT_PATHS.test(path) ? ["write", "artifacts"] : ["write"];
}

function refuse(reply: FastifyReply, { code, detail }: Refusal): FastifyReply {
  const problem = problemOf(code, detail);
  if (code === "UNAUTHENTICATED") void reply.header("www-authenticate", "Bearer");
  return reply.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
