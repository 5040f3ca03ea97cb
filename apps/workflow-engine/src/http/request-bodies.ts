import { Transform, type Readable, type TransformCallback } from "node:stream";
import { createGunzip } from "node:zlib";
import { HttpException, HttpStatus } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { API_LIMITS } from "@agent-hive/contracts";
import { ProblemError } from "@agent-hive/service-kit";

/** Bodies under this path are stored byte by byte, whatever their type. */
const RAW_BODIES = "/v1/artifacts/";

type Done = (error: Error | null, body?: unknown) => void;

/** Sets which bodies are read: JSON, plain or gzipped, and artifacts as raw bytes. All else is answered 415. */
export function readRequestBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const parseJson = fastify.getDefaultJsonParser("error", "error");
  fastify.removeContentTypeParser(["application/json", "text/plain"]);
  const options = { parseAs: "buffer", bodyLimit: fastify.initialConfig.bodyLimit! } as const;
  app.useBodyParser("application/json", options, (request: FastifyRequest, body: Buffer, done: Done) => {
    if (request.url.startsWith(RAW_BODIES)) return done(null, body);
    void parseJson(request, body as unknown as string, (error, parsed) =>
      error ? done(malformed(body)) : done(null, parsed),
    );
  });
  app.useBodyParser("application/octet-stream", options, (_request: FastifyRequest, body: Buffer, done: Done) =>
    done(null, body),
  );
  // Nest would read forms; no endpoint takes one.
  app.useBodyParser(
    "application/x-www-form-urlencoded",
    options,
    (_request: FastifyRequest, _body: Buffer, done: Done) => done(unsupported('"application/x-www-form-urlencoded"')),
  );
  fastify.addHook("preParsing", decompress);
}

/** Says where the text stops being JSON, which the parser keeps to itself. */
function malformed(body: Buffer): ProblemError {
  if (body.length === 0) return new ProblemError("MALFORMED_REQUEST", "The body is empty. Send JSON.");
  try {
    JSON.parse(body.toString());
  } catch (error) {
    return new ProblemError("MALFORMED_REQUEST", `The body is not JSON: ${(error as Error).message}.`);
  }
  return new ProblemError(
    "MALFORMED_REQUEST",
    'The body holds a forbidden name: "__proto__", or "constructor" with a prototype.',
  );
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

const unsupported = (type: string): ProblemError =>
  new ProblemError(
    "UNSUPPORTED_MEDIA_TYPE",
    `${type} is not accepted. Send application/json, plain or with content-encoding gzip.`,
  );

async function decompress(request: FastifyRequest, _reply: unknown, payload: Readable): Promise<Readable | undefined> {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return undefined;
  if (encoding !== "gzip") throw unsupported(`content-encoding ${encoding}`);
  const counter = new ByteCounter();
  const gunzip = createGunzip();
  payload.on("error", (error) => gunzip.destroy(error));
  // Fastify compares the content-length with what came over the wire, and the body limit with what it unpacks to.
  const body = Object.defineProperty(gunzip, "receivedEncodedLength", { get: () => counter.bytes });
  const readable = payload.pipe(counter).pipe(body);
  return readable;
}

class ByteCounter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}
