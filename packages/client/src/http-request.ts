import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { problemSchema, type Problem } from "@agent-hive/contracts";

/** The service refused or failed a request; `problem` is what it said (RFC 9457). */
export class HiveApiError extends Error {
  override readonly name = "HiveApiError";

  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** How long to wait before another try, if the service said so. */
    readonly retryAfterMs?: number,
  ) {
    const errors =
      problem.errors?.map(({ path, message }) => `\n  - ${path === "" ? "" : `${path}: `}${message}`) ?? [];
    super(`${problem.title}: ${problem.detail}${errors.join("")}`);
  }
}

/** The service could not be reached at all. */
export class HiveUnreachableError extends Error {
  override readonly name = "HiveUnreachableError";

  constructor(url: string, cause: unknown) {
    super(`Nothing answers at ${url}. Is the hive running? Start one with: hive dev`, { cause });
  }
}

/** One request to a service. */
export interface RequestOptions {
  method?: string;
  body?: unknown;
  bytes?: Buffer;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The header by which a service knows who asks; none without a key. */
export const authorization = (apiKey: string | undefined): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/**
 * Sends one request, and reads the JSON of its answer.
 *
 * @throws HiveApiError, HiveUnreachableError; what `request.signal` was aborted with.
 */
export async function sendRequest<T>(url: string, request: RequestOptions, limitMs: number): Promise<T> {
  const response = await send(url, request, limitMs);
  const text = await response.text();
  if (!response.ok) throw toApiError(response, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function send(url: string, request: RequestOptions, limitMs: number): Promise<Response> {
  const body = await packed(request);
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await fetch(url, {
      method: request.method ?? "GET",
      headers: { accept: "application/json", ...contentType(request), ...request.headers, ...body.headers },
      body: body.bytes,
      signal: request.signal ? AbortSignal.any([request.signal, limit]) : limit,
    });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new HiveUnreachableError(url, error);
  }
}

/** Larger bodies are packed: definitions shrink to a tenth. */
const PACKED_FROM_BYTES = 64 * 1024;

interface PackedBody {
  bytes?: Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

async function packed({ body, bytes }: RequestOptions): Promise<PackedBody> {
  const plain = bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  if (plain === undefined) return {};
  if (plain.length < PACKED_FROM_BYTES) return { bytes: new Uint8Array(plain) };
  return { bytes: new Uint8Array(await promisify(gzip)(plain)), headers: { "content-encoding": "gzip" } };
}

function contentType(request: RequestOptions): Record<string, string> {
  if (request.bytes) return { "content-type": "application/octet-stream" };
  return request.body === undefined ? {} : { "content-type": "application/json" };
}

/** What a service said when it refused. */
export function toApiError(response: Response, text: string): HiveApiError {
  const seconds = Number(response.headers.get("retry-after"));
  return new HiveApiError(response.status, problemOf(response, text), seconds > 0 ? seconds * 1000 : undefined);
}

function problemOf(response: Response, text: string): Problem {
  try {
    const parsed = problemSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: a proxy in between may answer in HTML. Told below.
  }
  const title = `HTTP ${response.status}`;
  return { type: "about:blank", title, status: response.status, detail: text.slice(0, 500), code: "HTTP_ERROR" };
}
