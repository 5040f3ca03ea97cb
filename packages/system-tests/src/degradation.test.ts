/**
 * What works, waits and is refused while a service or a store is away: each row of docs/degradation.md, against real
 * processes. Two workflows tell: one had a task running when it went, the other is submitted meanwhile. When all is back both
 * end, every task recorded once, and nobody is blamed.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { agentService, type ServiceSpec } from "@agent-hive/launcher";
import { eventually, OwnPostgres, OwnRedis } from "@agent-hive/testing";
import { Gate } from "./crashing/gate.js";
import { TestHive } from "./test-hive.js";

const DOCUMENT = join(import.meta.dirname, "..", "..", "..", "docs", "degradation.md");
const BACKENDS = "backend_engineers_consumers";
const ENGINES = ["workflow-engine", "workflow-engine-2"];
const AGENTS = ["backend-1", "backend-2"];
const SERVICES: ServiceSpec[] = [
  ...ENGINES.map((name) => ({ name, service: "workflow-engine" })),
  ...["group-coordinator", "metrics-validator", "router"].map((name) => ({ name, service: name })),
  agentService("backend", 1),
  agentService("backend", 2),
  agentService("qa", 1),
];
const SEEN_WITHIN_MS = 20_000;
const ANSWERS_WITHIN_MS = 10_000;

/** The status of an answer, or that there was none. */
type Answer = number | "none";

/** What is answered while something is away, to a submission with an idempotency key and to looks. */
interface Answers {
  submit: Answer;
  /** The code of the problem with which a submission is refused. */
  code?: string;
  /** After how many seconds to come again, as the refusal says. */
  retryAfter?: string;
  workflow: Answer;
  groups: Answer;
}

const ALL_ANSWER: Answers = { submit: 201, workflow: 200, groups: 200 };
const STORE_AWAY = { submit: 503, code: "STORE_UNAVAILABLE", retryAfter: "1" };

/** A place where work is seen to wait. */
type Place = () => Promise<boolean>;

interface Row {
  /** Processes that are stopped; what else is taken away, and brought back, is done besides. */
  stops?: () => string[];
  takeAway?: () => Promise<unknown>;
  bringBack?: () => Promise<unknown>;
  answers?: Partial<Answers>;
  /** Services that are there and say that they are not ready. */
  unready?: string[];
  /** What becomes meanwhile of the workflow whose task was running, and of the one that is submitted then. */
  held: "ends" | Place;
  later: "ends" | "refused" | Place;
  /** How deliveries ended that came to nothing. */
  mishaps?: string[];
}

let postgres: OwnPostgres;
let redis: OwnRedis;
let gate: Gate;
let hive: TestHive;
/** The agent that runs the held task. */
let holder: string;

beforeAll(async () => {
  [postgres, redis, gate] = await Promise.all([OwnPostgres.start(), OwnRedis.start(), Gate.listen()]);
  const stores = { databaseUrl: postgres.url, redisUrl: redis.url };
  hive = await TestHive.start({ services: SERVICES, stores, env: gate.env, askAnotherAfterMs: 5_000 });
}, 180_000);

afterAll(async () => {
  await hive?.stop();
  gate?.remove();
  await Promise.all([postgres?.stop(), redis?.stop()]);
}, 60_000);

const isIn = (stream: () => string): Place => {
  return async () => (await hive.store.redis.xlen(stream())) > 0;
};
const inDispatch = isIn(() => hive.keys.dispatch);
const inResults = isIn(() => hive.keys.results);
const inStreamOf = (agentType: string) => isIn(() => hive.keys.stream(`agent_messages:${agentType}`));
/** Both workflows are seen there as running. */
const inPostgres: Place = async () => {
  const { body } = await askEngines("/v1/workflows?state=running");
  return (body as { workflows: unknown[] }).workflows.length === 2;
};

async function takesNoWrites(isReadOnly: boolean): Promise<void> {
  const change = isReadOnly ? "set default_transaction_read_only = on" : "reset default_transaction_read_only";
  await postgres.query(`alter system ${change}`);
  await postgres.query("select pg_reload_conf()");
}

const EVERYBODY = SERVICES.map(({ name }) => name);
const READS_POSTGRES = [...ENGINES, "metrics-validator"];

const ROWS: Record<string, Row> = {
  "All workflow engines": {
    stops: () => ENGINES,
    answers: { submit: "none", workflow: "none" },
    held: inResults,
    later: "refused",
  },
  "One of two workflow engines": { stops: () => ENGINES.slice(0, 1), held: "ends", later: "ends" },
  "The router": { stops: () => ["router"], held: inDispatch, later: inDispatch },
  "The group coordinator": {
    stops: () => ["group-coordinator"],
    answers: { groups: "none" },
    held: "ends",
    later: "ends",
  },
  "The group coordinator, and an agent crashes": {
    stops: () => ["group-coordinator"],
    takeAway: async () => hive.launcher.supervisor.kill(holder),
    answers: { groups: "none" },
    held: "ends",
    later: "ends",
    mishaps: ["first crashed"],
  },
  "All agents of a type": { stops: () => ["qa-1"], held: inStreamOf("qa"), later: inStreamOf("qa") },
  "One of two agents of a type": {
    stops: () => AGENTS.filter((name) => name !== holder),
    held: "ends",
    later: "ends",
  },
  "The metrics validator": { stops: () => ["metrics-validator"], held: "ends", later: "ends" },
  "Redis is down": {
    takeAway: () => redis.kill(),
    bringBack: () => redis.start(),
    answers: { groups: 503 },
    unready: EVERYBODY,
    held: inPostgres,
    later: inPostgres,
  },
  "Redis hangs": {
    takeAway: async () => redis.freeze(),
    bringBack: async () => redis.thaw(),
    answers: { groups: 503 },
    unready: EVERYBODY,
    held: inPostgres,
    later: inPostgres,
  },
  "PostgreSQL is down": {
    takeAway: () => postgres.crash(),
    bringBack: () => postgres.start(),
    answers: { ...STORE_AWAY, workflow: 503 },
    unready: READS_POSTGRES,
    held: inResults,
    later: "refused",
  },
  "PostgreSQL hangs": {
    takeAway: () => postgres.freeze(),
    bringBack: async () => postgres.thaw(),
    answers: { ...STORE_AWAY, workflow: 503 },
    unready: READS_POSTGRES,
    held: inResults,
    later: "refused",
  },
  "PostgreSQL takes no writes": {
    takeAway: () => takesNoWrites(true),
    bringBack: () => takesNoWrites(false),
    answers: STORE_AWAY,
    unready: ENGINES,
    held: inResults,
    later: "refused",
  },
};

const task = (id: string, agentType: string, handler: string, dependsOn: string[] = []) => ({
  id,
  agentType,
  handler,
  dependsOn,
  input: {},
});

/** A task whose handler waits at the gate, if that is closed, and one of another agent type. */
const chain = (name: string): WorkflowDefinitionInput => ({
  name,
  tasks: [task("first", "backend", "effect"), task("second", "qa", "noop", ["first"])],
});

interface Reply {
  status: Answer;
  body: unknown;
  retryAfter: string | null;
}

async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return { status: response.status, body: await response.json(), retryAfter: response.headers.get("retry-after") };
  } catch {
    return { status: "none", body: undefined, retryAfter: null };
  }
}

/** Asks one engine after the other, as a client does, until one answers. */
async function askEngines(path: string, init?: RequestInit): Promise<Reply> {
  const [first, second] = hive.launcher.engineUrls;
  const reply = await ask(`${first}${path}`, init);
  return reply.status === "none" ? ask(`${second}${path}`, init) : reply;
}

function submitLater(): Promise<Reply> {
  const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
  return askEngines("/v1/workflows", { method: "POST", body: JSON.stringify(chain("later")), headers });
}

/** What each service answers to `/health/ready`. */
async function readiness(): Promise<Record<string, Answer>> {
  const answers = hive.launcher.supervisor
    .list()
    .map(async ({ name, port }) => [name, (await ask(`http://127.0.0.1:${port}/health/ready`)).status] as const);
  return Object.fromEntries(await Promise.all(answers));
}

/** Who has the mark of the task that was started. */
async function holderOfTask(): Promise<string> {
  const marks = () => hive.store.redis.hvals(hive.keys.started(BACKENDS));
  const [mark] = await eventually(marks, (found) => found.length > 0);
  return mark!.split(".")[0]!;
}

/** Waits until every service says of itself what is expected. */
async function expectReadiness(stopped: readonly string[], unready: readonly string[] = []): Promise<void> {
  const expected = Object.fromEntries(
    EVERYBODY.map((name) => [name, stopped.includes(name) ? "none" : unready.includes(name) ? 503 : 200]),
  );
  const isExpected = (seen: Record<string, Answer>) => EVERYBODY.every((name) => seen[name] === expected[name]);
  expect(await eventually(readiness, isExpected, SEEN_WITHIN_MS)).toEqual(expected);
}

async function expectFate(fate: "ends" | Place, workflowId: string): Promise<void> {
  if (fate === "ends") expect((await hive.ended(workflowId)).state).toBe("succeeded");
  else expect(await eventually(fate, (isThere) => isThere, SEEN_WITHIN_MS)).toBe(true);
}

/** @returns the workflow that was submitted, unless it was refused. */
async function expectAnswers(answers: Partial<Answers>, heldId: string): Promise<string | undefined> {
  const { submit, code, retryAfter, workflow, groups } = { ...ALL_ANSWER, ...answers };
  const [submitted, looked, grouped] = await Promise.all([
    submitLater(),
    askEngines(`/v1/workflows/${heldId}`),
    ask(`${hive.launcher.coordinatorUrl}/v1/groups`),
  ]);
  const { id, code: told } = (submitted.body ?? {}) as { id?: string; code?: string };
  expect({ submit: submitted.status, code: told, retryAfter: submitted.retryAfter ?? undefined }).toEqual({
    submit,
    code,
    retryAfter,
  });
  expect({ workflow: looked.status, groups: grouped.status }).toEqual({ workflow, groups });
  return id;
}

/** Both tasks were recorded once, and what came to nothing beside them is what was expected. */
async function expectEnd(workflowId: string, mishaps: readonly string[]): Promise<void> {
  expect((await hive.ended(workflowId)).state).toBe("succeeded");
  const outcomes = (await hive.client.attempts(workflowId)).map(({ taskId, outcome }) => `${taskId} ${outcome}`);
  expect(outcomes.toSorted()).toEqual(["first succeeded", "second succeeded", ...mishaps].toSorted());
}

test("the document has these rows", () => {
  const rows = [...readFileSync(DOCUMENT, "utf8").matchAll(/^\| \*\*(.+?)\*\*/gm)];
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(ROWS));
});

test.each(Object.entries(ROWS))(
  "%s",
  async (_, { stops = () => [], takeAway, bringBack, answers = {}, unready, held, later, mishaps = [] }) => {
    const { supervisor } = hive.launcher;
    let stopped: string[] = [];
    const heldId = await gate.closedWhile(async () => {
      const { id } = await hive.submit(chain("held"));
      holder = await holderOfTask();
      stopped = stops();
      await Promise.all(stopped.map((name) => supervisor.stop(name)));
      await takeAway?.();
      return id;
    });
    let laterId: string | undefined;
    try {
      await expectReadiness(stopped, unready);
      laterId = await expectAnswers(answers, heldId);
      if (later !== "refused") await expectFate(later, laterId!);
      await expectFate(held, heldId);
    } finally {
      await bringBack?.();
      await Promise.all(stopped.map((name) => supervisor.start(name)));
    }
    await expectEnd(heldId, mishaps);
    if (laterId !== undefined) await expectEnd(laterId, []);
    await expectReadiness([]);
  },
  120_000,
);
