import { createHash } from "node:crypto";
import {
  problemSchema,
  type AttemptView,
  type DeadLetterView,
  type GroupView,
  type HiveEvent,
  type Problem,
  type SubmittedWorkflow,
  type TaskView,
  type Verdict,
  type WorkflowDefinitionInput,
  type WorkflowList,
  type WorkflowView,
} from "@agent-hive/contracts";
import { Addresses } from "./addresses.js";
import { readServerSentEvents } from "./server-sent-events.js";

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

  /** Whether nothing was sent: the request has certainly had no effect. */
  get isRefused(): boolean {
    const { cause } = (this.cause ?? {}) as { cause?: { code?: unknown } };
    return cause?.code === "ECONNREFUSED";
  }
}

/** Where the services are. */
export interface HiveClientOptions {
  /**
   * The workflow engine, e.g. `http://127.0.0.1:3000`, or several replicas of it: what one does not answer, another is
   * asked, provided that asking twice does no harm. Submissions are asked twice only with an idempotency key.
   */
  engineUrl: string | readonly string[];
  /** The group coordinator, or several; needed for groups and verdicts only. */
  coordinatorUrl?: string | readonly string[];
  /** How long one request may take, or a stream to begin. Default 30,000 ms. */
  timeoutMs?: number;
}

interface RequestOptions {
  method?: string;
  body?: unknown;
  bytes?: Buffer;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Doing it twice comes to the same as doing it once. Default: all but POST without an idempotency key. */
  repeatable?: boolean;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Typed access to the HTTP APIs of a hive. Every method throws `HiveApiError` or `HiveUnreachableError`. */
export class HiveClient {
  private readonly engines: Addresses;
  private readonly coordinators: Addresses | undefined;

  constructor(private readonly options: HiveClientOptions) {
    this.engines = new Addresses(options.engineUrl);
    const { coordinatorUrl = [] } = options;
    this.coordinators = coordinatorUrl.length === 0 ? undefined : new Addresses(coordinatorUrl);
  }

  /** Submits one workflow. With an idempotency key, repeating the call gives the same workflow again. */
  submit(definition: WorkflowDefinitionInput, options: { idempotencyKey?: string } = {}): Promise<SubmittedWorkflow> {
    return this.engine("/v1/workflows", {
      method: "POST",
      body: definition,
      headers: idempotent(options.idempotencyKey),
    });
  }

  /** Submits up to 1,000 workflows in one transaction: all or none. */
  async submitAll(
    definitions: WorkflowDefinitionInput[],
    options: { idempotencyKey?: string } = {},
  ): Promise<SubmittedWorkflow[]> {
    const headers = idempotent(options.idempotencyKey);
    const reply = await this.engine<{ workflows: SubmittedWorkflow[] }>("/v1/workflows", {
      method: "POST",
      body: definitions,
      headers,
    });
    return reply.workflows;
  }

  workflow(workflowId: string): Promise<WorkflowView> {
    return this.engine(`/v1/workflows/${encodeURIComponent(workflowId)}`);
  }

  /** A page of workflows, newest first. */
  workflows(query: { state?: string; limit?: number; cursor?: string } = {}): Promise<WorkflowList> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    return this.engine(
      `/v1/workflows?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`,
    );
  }

  async tasks(workflowId: string): Promise<TaskView[]> {
    return (await this.engine<{ tasks: TaskView[] }>(`/v1/workflows/${encodeURIComponent(workflowId)}/tasks`)).tasks;
  }

  /** All attempts of all tasks of a workflow, with the deliveries that were lost on the way. */
  async attempts(workflowId: string): Promise<AttemptView[]> {
    const path = `/v1/workflows/${encodeURIComponent(workflowId)}/attempts`;
    return (await this.engine<{ attempts: AttemptView[] }>(path)).attempts;
  }

  /** The recorded output of a task, wherever it is stored. */
  output(workflowId: string, taskId: string, options: { signal?: AbortSignal } = {}): Promise<unknown> {
    const path = `/v1/workflows/${encodeURIComponent(workflowId)}/tasks/${encodeURIComponent(taskId)}/output`;
    return this.engine(path, options);
  }

  cancel(workflowId: string): Promise<WorkflowView> {
    return this.engine(`/v1/workflows/${encodeURIComponent(workflowId)}/cancel`, { method: "POST", repeatable: true });
  }

  async deadLetters(): Promise<DeadLetterView[]> {
    return (await this.engine<{ deadLetters: DeadLetterView[] }>("/v1/dead-letters")).deadLetters;
  }

  /** Stores bytes under their SHA-256; storing the same again changes nothing. */
  async putArtifact(bytes: Buffer, options: { signal?: AbortSignal } = {}): Promise<{ sha256: string; bytes: number }> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await this.engine(`/v1/artifacts/${sha256}`, { method: "PUT", bytes, ...options });
    return { sha256, bytes: bytes.byteLength };
  }

  /** What happens to a workflow, live, until it ends or the signal is given. The first event is a snapshot. */
  watch(workflowId: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<WatchedEvent> {
    return this.stream(`/v1/workflows/${encodeURIComponent(workflowId)}/events`, options.signal);
  }

  /** Everything that happens in the hive, live. Best effort. */
  events(options: { signal?: AbortSignal } = {}): AsyncGenerator<WatchedEvent> {
    return this.stream("/v1/events", options.signal);
  }

  async groups(): Promise<GroupView[]> {
    return (await this.coordinator<{ groups: GroupView[] }>("/v1/groups")).groups;
  }

  async verdicts(): Promise<Verdict[]> {
    return (await this.coordinator<{ verdicts: Verdict[] }>("/v1/verdicts")).verdicts;
  }

  private engine<T>(path: string, request: RequestOptions = {}): Promise<T> {
    return this.engines.ask(
      (url) => this.request<T>(`${url}${path}`, request),
      (error) => error instanceof HiveUnreachableError && (error.isRefused || isRepeatable(request)),
    );
  }

  private coordinator<T>(path: string): Promise<T> {
    if (this.coordinators === undefined) {
      throw new TypeError("HiveClient was made without coordinatorUrl; groups and verdicts are asked there.");
    }
    return this.coordinators.ask((url) => this.request<T>(`${url}${path}`, {}), isUnreachable);
  }

  private async request<T>(url: string, request: RequestOptions): Promise<T> {
    const { response, text } = await this.send(url, request);
    if (!response.ok) throw toApiError(response, text);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  private async send(url: string, request: RequestOptions): Promise<{ response: Response; text: string }> {
    const limit = AbortSignal.timeout(this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        method: request.method ?? "GET",
        headers: { accept: "application/json", ...contentType(request), ...request.headers },
        body: request.bytes
          ? new Uint8Array(request.bytes)
          : request.body === undefined
            ? undefined
            : JSON.stringify(request.body),
        signal: request.signal ? AbortSignal.any([request.signal, limit]) : limit,
      });
      return { response, text: await response.text() };
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new HiveUnreachableError(url, error);
    }
  }

  /** The limit is for the beginning of the answer; what follows may last as long as it likes. */
  private async open(url: string, signal?: AbortSignal): Promise<Response> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
      return await fetch(url, { headers: { accept: "text/event-stream" }, signal: either });
    } catch (error) {
      throw signal?.aborted ? error : new HiveUnreachableError(url, error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async *stream(path: string, signal?: AbortSignal): AsyncGenerator<WatchedEvent> {
    const response = await this.engines.ask((url) => this.open(`${url}${path}`, signal), isUnreachable);
    if (!response.ok) throw toApiError(response, await response.text());
    for await (const message of readServerSentEvents(response.body!)) {
      yield { id: message.id, type: message.event ?? "message", data: JSON.parse(message.data) as HiveEvent };
    }
  }
}

/** One server-sent event: `snapshot` has the workflow and its tasks as data, every other type a `HiveEvent`. */
export interface WatchedEvent {
  id?: string;
  type: string;
  data: HiveEvent | { workflow: WorkflowView; tasks: TaskView[] };
}

const isUnreachable = (error: unknown): boolean => error instanceof HiveUnreachableError;

const isRepeatable = ({ method, headers, repeatable }: RequestOptions): boolean =>
  repeatable ?? (method !== "POST" || headers?.["idempotency-key"] !== undefined);

function idempotent(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { "idempotency-key": key };
}

function contentType(request: RequestOptions): Record<string, string> {
  if (request.bytes) return { "content-type": "application/octet-stream" };
  return request.body === undefined ? {} : { "content-type": "application/json" };
}

function toApiError(response: Response, text: string): HiveApiError {
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
