import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  createKeys,
  taskKeyOf,
  type GroupView,
  type HiveEvent,
  type Keys,
  type TaskEntry,
} from "@agent-hive/contracts";
import { RedisStreamsManager, type MemberIdentity } from "@agent-hive/streams";
import { newTraceparent } from "@agent-hive/telemetry";
import { waitFor } from "@agent-hive/testing";
import type { VerdictRecord } from "../verdicts/verdict-ledger.js";
import { Child } from "./child.js";

/** Compiling its modules takes a process a second, and many on a machine that is busy with other tests. */
const START_LIMIT_MS = 30_000;
const FIXTURE = join(import.meta.dirname, "fixture-agent.js");
const COORDINATOR = join(import.meta.dirname, "..", "main.js");
const ROUTER_PROGRAM = join(import.meta.dirname, "..", "..", "..", "router", "dist", "main.js");
const ENGINE: MemberIdentity = { incarnation: "engine", agentId: "engine", service: "test" };
const ROUTER: MemberIdentity = { incarnation: "router", agentId: "router", service: "test" };

/** A running coordinator process and its address. */
export interface CoordinatorProcess {
  child: Child;
  url: string;
}

/** Coordinators and agents as real processes on real stores, with the test in the place of engine and router. */
export class TestHive {
  readonly keys: Keys;
  readonly manager: RedisStreamsManager;
  private readonly children: Child[] = [];

  constructor(
    readonly stores: { redisUrl: string; databaseUrl: string },
    prefix = `${randomUUID().slice(0, 8)}:`,
  ) {
    this.keys = createKeys(prefix);
    this.manager = new RedisStreamsManager({ url: stores.redisUrl, keys: this.keys });
  }

  /** Connects and writes the first epoch, as the engine does. */
  async open(): Promise<this> {
    await this.manager.connect();
    await this.manager.writeEpoch("1", null);
    await this.manager.announceOnlooker(3_600, false); // tests look at events
    return this;
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end()));
    const names = (await this.manager.call("KEYS", [`${this.keys.prefix}*`])) as string[];
    if (names.length > 0) await this.manager.call("DEL", names);
    await this.manager.close();
  }

  /** Starts a coordinator; resolves when it listens. */
  async coordinator(agentId: string, env: NodeJS.ProcessEnv = {}): Promise<CoordinatorProcess> {
    const child = this.start(COORDINATOR, { HIVE_AGENT_ID: agentId, HIVE_LOG_LEVEL: "info", ...env });
    const [, url] = await child.said(/"url":"(http[^"]+)".*"listening"/, START_LIMIT_MS);
    return { child, url: url! };
  }

  /** Starts an agent; resolves when it reads and its heart beats. */
  async agent(agentId: string, env: NodeJS.ProcessEnv = {}): Promise<{ child: Child; incarnation: string }> {
    const child = this.start(FIXTURE, { HIVE_AGENT_ID: agentId, ...env });
    const [, incarnation] = await child.said(/^ready (\S+)/, START_LIMIT_MS);
    const backend = { stream: this.keys.stream("agent_messages:backend"), group: "backend_engineers_consumers" };
    await waitFor("its consumer and its first heartbeat", async () => {
      const { consumers } = await this.manager.groupInfo(backend);
      const heartbeat = (await this.manager.heartbeats()).get(incarnation!);
      return consumers.some((consumer) => consumer.name === incarnation) && (heartbeat?.counter ?? 0) > 0;
    });
    return { child, incarnation: incarnation! };
  }

  /** Starts a router, which must have been built; resolves when it listens. */
  async router(agentId: string): Promise<Child> {
    const child = this.start(ROUTER_PROGRAM, { HIVE_AGENT_ID: agentId, HIVE_LOG_LEVEL: "info" });
    await child.said(/"listening"/, START_LIMIT_MS);
    return child;
  }

  /** Starts any script as part of this hive. */
  start(script: string, env: NodeJS.ProcessEnv): Child {
    const child = new Child(script, {
      REDIS_URL: this.stores.redisUrl,
      DATABASE_URL: this.stores.databaseUrl,
      HIVE_KEY_PREFIX: this.keys.prefix,
      HIVE_HTTP_PORT: "0",
      ...env,
    });
    this.children.push(child);
    return child;
  }

  /** Publishes tasks for backend agents to the dispatch stream, as the engine does. */
  async publish(count: number): Promise<TaskEntry[]> {
    const tasks = Array.from({ length: count }, backendTask);
    await this.manager.publishAndAcknowledge(ENGINE, { settled: [], tasks, events: [] });
    return tasks;
  }

  /** Publishes a task and moves it to the agents' stream, as engine and router do. */
  async dispatch(): Promise<TaskEntry> {
    const { keys, manager } = this;
    await manager.ensureGroup({ stream: keys.dispatch, group: "routers" });
    const [task] = (await this.publish(1)) as [TaskEntry];
    const read = ["GROUP", "routers", ROUTER.incarnation, "COUNT", "1", "STREAMS", keys.dispatch, ">"];
    const reply = (await manager.call("XREADGROUP", read)) as [string, [string, string[]][]][];
    const entryId = reply[0]![1][0]![0];
    const stream = keys.stream("agent_messages:backend");
    await manager.routeTasks(ROUTER, { routed: [{ entryId, tasks: [{ stream, task }] }], deadLetters: [] });
    return task;
  }

  async leads(coordinator: CoordinatorProcess): Promise<number> {
    return waitFor(
      "to lead",
      async () => (await get<{ term: number | null }>(coordinator, "/v1/leadership")).term ?? false,
    );
  }

  async backendGroup(coordinator: CoordinatorProcess): Promise<GroupView> {
    return get(coordinator, "/v1/groups/backend_engineers_consumers");
  }

  async verdicts(coordinator: CoordinatorProcess): Promise<VerdictRecord[]> {
    return (await get<{ verdicts: VerdictRecord[] }>(coordinator, "/v1/verdicts")).verdicts;
  }

  async isDead(incarnation: string): Promise<boolean> {
    return (await this.manager.deadAmong([incarnation])).has(incarnation);
  }

  /** Entries of the results stream, fields as records. */
  async results(): Promise<Record<string, string>[]> {
    const entries = (await this.manager.call("XRANGE", [this.keys.results, "-", "+"])) as [string, string[]][];
    return entries.map(([, flat]) => toRecord(flat));
  }

  /** The task keys of all results, in the order in which they were handed over. */
  async completed(): Promise<string[]> {
    const entries = (await this.results()).filter((fields) => fields["t"] === "results");
    return entries.flatMap((fields) => (JSON.parse(fields["m"]!) as { k: string }[]).map(({ k }) => k));
  }

  async events(): Promise<HiveEvent[]> {
    const entries = (await this.manager.call("XRANGE", [this.keys.events, "-", "+"])) as [string, string[]][];
    return entries.flatMap(([, flat]) => JSON.parse(toRecord(flat)["m"]!) as HiveEvent[]);
  }
}

/** The JSON that a coordinator answers. */
export async function get<T>(coordinator: CoordinatorProcess, path: string): Promise<T> {
  const response = await fetch(coordinator.url + path);
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function backendTask(): TaskEntry {
  return {
    agentType: "backend",
    taskKey: taskKeyOf(randomUUID(), 0),
    attempt: 1,
    capabilities: ["hold"],
    payload: JSON.stringify({ crashes: 0, crashesAlone: 0 }),
    traceparent: newTraceparent(),
  };
}

function toRecord(flat: string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!]] : [])));
}
