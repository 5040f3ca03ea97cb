import { SCHEMA_VERSION, runMigrations } from "@agent-hive/persistence";
import {
  createKeys,
  resultsEntryFields,
  type AttemptView,
  type DeadLetterView,
  type Keys,
  type ResultEnvelope,
  type ResultsReporter,
  type TaskView,
  type WorkflowDefinitionInput,
  type WorkflowView,
} from "@agent-hive/contracts";
import { agentTypesOf, startService, type RunningService } from "@agent-hive/service-kit";
import { createTestDatabase, createTestRedis, type TestDatabase } from "@agent-hive/testing";
import { Redis } from "ioredis";
import { readEngineSettings } from "../config.js";
import { engineService } from "../service.js";
import { FakeAgents, type FakeHandler } from "./fake-agents.js";

/** The engine for real, with stores of its own, and fake agents that speak the real protocol. */
export interface TestHive {
  engine: RunningService;
  database: TestDatabase;
  /** A connection for looking and meddling. */
  redis: Redis;
  keys: Keys;
  /** Sends a request to the engine; the body is JSON unless it is text already. */
  request(path: string, init?: TestRequest): Promise<Response>;
  submit(definition: WorkflowDefinitionInput): Promise<string>;
  workflow(id: string): Promise<WorkflowView>;
  tasks(id: string): Promise<TaskView[]>;
  attempts(id: string): Promise<AttemptView[]>;
  deadLetters(): Promise<DeadLetterView[]>;
  /** Adds an entry of results as agents do whom nobody holds back; gives its id. */
  addResults(by: ResultsReporter, ...results: ResultEnvelope[]): Promise<string>;
  /** Resolves with the workflow once it has ended. */
  finished(id: string): Promise<WorkflowView>;
  /** Another engine with the same stores. */
  startEngine(env?: Record<string, string>): Promise<RunningService>;
  startAgents(handle?: FakeHandler): Promise<FakeAgents>;
  stop(): Promise<void>;
}

/** A request; with `json` it is a POST of that. */
interface TestRequest extends RequestInit {
  json?: unknown;
  headers?: Record<string, string>;
}

/** What a test's hive differs in. */
export interface TestHiveOptions {
  /** Default: every task succeeds with its input as output. `null`: no agents. */
  handle?: FakeHandler | null;
  env?: Record<string, string>;
  /** Another Redis server than the tests' common one. */
  redisUrl?: string;
}

const SETTINGS = { HIVE_LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent", HIVE_HTTP_PORT: "0" };

/** Starts a hive; stop it in the end. */
export async function startHive(options: TestHiveOptions = {}): Promise<TestHive> {
  const database = await createTestDatabase({
    fingerprint: `engine_v${SCHEMA_VERSION}`,
    migrate: (url) => runMigrations(url),
  });
  const common = options.redisUrl === undefined ? await createTestRedis() : undefined;
  const store = common ?? { url: options.redisUrl!, prefix: "", client: new Redis(options.redisUrl!) };
  store.client.on("error", () => undefined);
  const stops: (() => Promise<unknown>)[] = [];
  const baseEnv = { ...SETTINGS, DATABASE_URL: database.url, REDIS_URL: store.url, HIVE_KEY_PREFIX: store.prefix };

  const startEngine = async (env: Record<string, string> = {}): Promise<RunningService> => {
    const engine = await startService(
      engineService(readEngineSettings({ env: { ...baseEnv, ...options.env, ...env } })),
    );
    stops.push(() => engine.stop());
    return engine;
  };
  const startAgents = async (handle: FakeHandler = echo): Promise<FakeAgents> => {
    const agents = new FakeAgents(store, agentTypesOf({ HIVE_LOAD_HANDLERS: true }), handle);
    await agents.start();
    stops.push(() => agents.stop());
    return agents;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
    if (common) await common.close();
    else store.client.disconnect();
    await database.drop();
  };

  const engine = await startEngine().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (options.handle !== null) await startAgents(options.handle);
  const keys = createKeys(store.prefix);
  return {
    engine,
    database,
    redis: store.client,
    keys,
    addResults: async (by, ...results) =>
      (await store.client.xadd(keys.results, "*", ...Object.entries(resultsEntryFields(results, by)).flat()))!,
    ...apiOf(engine.url),
    startEngine,
    startAgents,
    stop,
  };
}

const echo: FakeHandler = (task) => ({ status: "succeeded", output: task.input ?? null });

function apiOf(
  url: string,
): Pick<TestHive, "request" | "submit" | "workflow" | "tasks" | "attempts" | "deadLetters" | "finished"> {
  const request: TestHive["request"] = (path, { json, ...init } = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      ...(json === undefined
        ? {}
        : {
            method: "POST",
            body: JSON.stringify(json),
            headers: { "content-type": "application/json", ...init.headers },
          }),
    });
  const get = async <T>(path: string): Promise<T> => {
    const response = await request(path);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  };
  return {
    request,
    submit: async (definition) => {
      const response = await request("/v1/workflows", { json: definition });
      if (response.status !== 201) throw new Error(await response.text());
      return ((await response.json()) as { id: string }).id;
    },
    workflow: (id) => get(`/v1/workflows/${id}`),
    tasks: async (id) => (await get<{ tasks: TaskView[] }>(`/v1/workflows/${id}/tasks`)).tasks,
    attempts: async (id) => (await get<{ attempts: AttemptView[] }>(`/v1/workflows/${id}/attempts`)).attempts,
    deadLetters: async () => (await get<{ deadLetters: DeadLetterView[] }>("/v1/dead-letters")).deadLetters,
    finished: async (id) => {
      // The stream of events ends with the workflow.
      await (await request(`/v1/workflows/${id}/events`)).text();
      return get(`/v1/workflows/${id}`);
    },
  };
}
