import { Transform, pipeline, type Readable, type TransformCallback } from "node:stream";
import { createGunzip } from "node:zlib";
import { HttpException, HttpStatus } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { API_LIMITS } from "@agent-hive/contracts";
import { ProblemError } from "@agent-hive/service-kit";
import { HeldBodies } from "./held-bodies.js";

/** Which bodies are read, and as what. */
export const BODY_TYPES = {
  json: ["application/json"],
  ndjson: ["application/x-ndjson", "application/ndjson", "application/jsonl"],
  /** Artifacts, which may have the other types too: they are stored byte by byte. */
  bytes: ["application/octet-stream"],
} as const;

/** Bodies that say they are no larger, and are not packed, are not counted. */
const SMALL_BODY_BYTES = 64 * 1024;

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Sets which bodies are read: those of the types above, plain or gzipped. What they say is read by their use cases; here
 * they stay bytes, up to a limit that counts after unpacking.
 */
export function readRequestBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser(["application/json", "text/plain"]);
  const options = { parseAs: "buffer", bodyLimit: fastify.initialConfig.bodyLimit! } as const;
  for (const type of Object.values(BODY_TYPES).flat()) {
    app.useBodyParser(type, options, (_request: FastifyRequest, body: Buffer, done: Done) => done(null, body));
  }
  // Nest would read forms; no endpoint takes one.
  app.useBodyParser(
    "application/x-www-form-urlencoded",
    options,
    (_request: FastifyRequest, _body: Buffer, done: Done) => done(unsupported('"application/x-www-form-urlencoded"')),
  );
  const held = new HeldBodies(API_LIMITS.allBodiesBytes);
  fastify.addHook("preParsing", async (request, _reply, payload) => unpack(request, payload, held));
  fastify.addHook("onResponse", async (request) => held.release(request));
}

/** What Fastify refuses before anything of ours is called, told with the limit and the way out. */
export function bodyProblem(thrown: unknown): ProblemError | undefined {
  if (!(thrown instanceof HttpException)) return undefined;
  switch (thrown.getStatus() as HttpStatus) {
    case HttpStatus.PAYLOAD_TOO_LARGE:
      return new ProblemError(
        "OVER_LIMIT",
        `The body is larger than ${API_LIMITS.bodyBytes} bytes, which also counts after unpacking. Send less at once.`,
      );
    case HttpStatus.UNSUPPORTED_MEDIA_TYPE:
      return unsupported("This content-type");
    default:
      return undefined;
  }
}

export const unsupported = (type: string): ProblemError =>
  new ProblemError(
    "UNSUPPORTED_MEDIA_TYPE",
    `${type} is not accepted. Send application/json or application/x-ndjson in UTF-8, plain or with content-encoding gzip.`,
  );

async function unpack(request: FastifyRequest, payload: Readable, held: HeldBodies): Promise<Readable | undefined> {
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding !== "gzip" && encoding !== "identity") throw unsupported(`content-encoding ${encoding}`);
  if (encoding === "identity" && Number(request.headers["content-length"] ?? 0) <= SMALL_BODY_BYTES) {
    return request.headers["transfer-encoding"] === undefined ? undefined : through(payload, [held.counterOf(request)]);
  }
  const unpacking = encoding === "gzip" ? [createGunzip()] : [];
  return through(payload, [...unpacking, held.counterOf(request)]);
}

/** Fastify compares the content-length with what came over the wire, and the body limit with what it unpacks to. */
function through(payload: Readable, steps: Transform[]): Readable {
  const counter = new ByteCounter();
  const body = steps.at(-1)!;
  // What fails, fails as the last of them; there it is heard.
  pipeline([payload, counter, ...steps], () => undefined);
  return Object.defineProperty(body, "receivedEncodedLength", { get: () => counter.bytes });
}

class ByteCounter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}
