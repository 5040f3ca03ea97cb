import { createHash, randomUUID } from "node:crypto";
import type {
  AttemptView,
  DeadLetterView,
  GroupView,
  HiveEvent,
  SubmittedWorkflow,
  TaskView,
  Verdict,
  WorkflowDefinitionInput,
  WorkflowList,
  WorkflowView,
} from "@agent-hive/contracts";
import {
  HiveApiError,
  HiveUnreachableError,
  authorization,
  sendRequest,
  toApiError,
  type RequestOptions,
} from "./http-request.js";
import { Replicas } from "./replicas.js";
import { readServerSentEvents } from "./server-sent-events.js";
import { SilenceLimit } from "./silence-limit.js";

/** Where the services are. */
export interface HiveClientOptions {
  /** The workflow engine, e.g. `http://127.0.0.1:3000`; or all of its replicas, of which any that lives is used. */
  engineUrl: string | readonly string[];
  /** The group coordinator, or all of its replicas; needed for groups and verdicts only. */
  coordinatorUrl?: string | readonly string[];
  /** Sent with every request, to services that ask for one. */
  apiKey?: string;
  /** How long one request may take. Default 30,000 ms. */
  timeoutMs?: number;
  /** How long a stream of events may be silent, in ms. Default 6,000: three comments that a service sends are missing. */
  silenceMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const SILENCE_MS = 6_000;

/** Typed access to the HTTP APIs of a hive. Every method throws `HiveApiError` or `HiveUnreachableError`. */
export class HiveClient {
  private readonly engines: Replicas;
  private readonly coordinators: Replicas | undefined;

  constructor(private readonly options: HiveClientOptions) {
    this.engines = new Replicas(options.engineUrl);
    if (options.coordinatorUrl?.length) this.coordinators = new Replicas(options.coordinatorUrl);
  }

  /** Submits one workflow. With an idempotency key, repeating the call gives the same workflow again. */
  submit(definition: WorkflowDefinitionInput, options: { idempotencyKey?: string } = {}): Promise<SubmittedWorkflow> {
    return this.engine("/v1/workflows", {
      method: "POST",
      body: definition,
      headers: this.idempotent(options.idempotencyKey),
    });
  }

  /** Submits up to 1,000 workflows in one transaction: all or none. */
  async submitAll(
    definitions: WorkflowDefinitionInput[],
    options: { idempotencyKey?: string } = {},
  ): Promise<SubmittedWorkflow[]> {
    const headers = this.idempotent(options.idempotencyKey);
    const reply = await this.engine<{ workflows: SubmittedWorkflow[] }>("/v1/workflows", {
      method: "POST",
      body: definitions,
      headers,
    });
    return reply.workflows;
  }

  /**
   * Submits what was written elsewhere, unread: one JSON text with a workflow or a list of them, or lines with a workflow's
   * own fields and then a task each. The service names the line of what is wrong.
   */
  async submitText(
    text: string | Buffer,
    options: { format?: "json" | "ndjson"; idempotencyKey?: string } = {},
  ): Promise<SubmittedWorkflow[]> {
    const type = options.format === "ndjson" ? "application/x-ndjson" : "application/json";
    const reply = await this.engine<SubmittedWorkflow | { workflows: SubmittedWorkflow[] }>("/v1/workflows", {
      method: "POST",
      bytes: Buffer.from(text),
      headers: { ...this.idempotent(options.idempotencyKey), "content-type": type },
    });
    return "workflows" in reply ? reply.workflows : [reply];
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
    return this.engine(`/v1/workflows/${encodeURIComponent(workflowId)}/cancel`, { method: "POST" });
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
    return this.ask(this.engines, path, request);
  }

  private coordinator<T>(path: string): Promise<T> {
    if (this.coordinators === undefined) {
      throw new TypeError("HiveClient was made without coordinatorUrl; groups and verdicts are asked there.");
    }
    return this.ask(this.coordinators, path, {});
  }

  private ask<T>(service: Replicas, path: string, request: RequestOptions): Promise<T> {
    return service.ask(
      this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      (url, limitMs) => sendRequest<T>(`${url}${path}`, this.signed(request), limitMs),
      (error) => request.signal?.aborted === true || (error instanceof HiveApiError && !isReplicaAway(error)),
    );
  }

  private signed(request: RequestOptions): RequestOptions {
    return { ...request, headers: { ...authorization(this.options.apiKey), ...request.headers } };
  }

  /** A stream that cannot be opened, or breaks, is opened at another replica the next time. */
  private async *stream(path: string, signal?: AbortSignal): AsyncGenerator<WatchedEvent> {
    const { url: origin, turnAway } = this.engines.current();
    const url = `${origin}${path}`;
    const silence = new SilenceLimit(this.options.silenceMs ?? SILENCE_MS);
    const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    try {
      const headers = { accept: "text/event-stream", ...authorization(this.options.apiKey) };
      const response = await fetch(url, { headers, signal: either });
      if (!response.ok) throw toApiError(response, await response.text());
      for await (const message of readServerSentEvents(response.body!, () => silence.heard())) {
        yield { id: message.id, type: message.event ?? "message", data: JSON.parse(message.data) as HiveEvent };
      }
    } catch (error) {
      if (signal?.aborted || (error instanceof HiveApiError && !isReplicaAway(error))) throw error;
      turnAway();
      throw error instanceof HiveApiError ? error : new HiveUnreachableError(url, error);
    } finally {
      silence.end();
    }
  }

  /** With another engine to turn to, a submission may arrive twice: it then needs a key, if only for this call. */
  private idempotent(key: string | undefined): Record<string, string> {
    const needed = key ?? (this.engines.count > 1 ? randomUUID() : undefined);
    return needed === undefined ? {} : { "idempotency-key": needed };
  }
}

/** One server-sent event: `snapshot` has the workflow and its tasks as data, every other type a `HiveEvent`. */
export interface WatchedEvent {
  id?: string;
  type: string;
  data: HiveEvent | { workflow: WorkflowView; tasks: TaskView[] };
}

/** Answers of one that is stopping or starting, or of a proxy before it, which another replica need not give. */
function isReplicaAway({ status }: HiveApiError): boolean {
  return status === 502 || status === 503 || status === 504;
}
