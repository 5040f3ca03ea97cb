/**
 * The tables of a small hive, filled by the store that fills them in earnest, with the test in the place of engine, router
 * and agents: what is recorded is what would be.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import {
  ENGINES_GROUP,
  ROUTERS_GROUP,
  createKeys,
  type HiveEvent,
  type Keys,
  type Registration,
  type Verdict,
} from "@agent-hive/contracts";
import type { Act } from "@agent-hive/measurement";
import {
  WorkflowStore,
  createPool,
  runMigrations,
  schemaFingerprint,
  type Batch,
  type DispatchedTask,
  type RecordedOutcome,
} from "@agent-hive/persistence";
import { agentTypesOf } from "@agent-hive/service-kit";
import { RedisStreamsManager } from "@agent-hive/streams";
import { createTestDatabase, createTestRedis, type TestDatabase, type TestRedis } from "@agent-hive/testing";
import { diamond } from "./diamond.js";

const ROOM = { architects: 100, backend: 100 };
const SUCCESS: RecordedOutcome = { status: "succeeded", output: "{}" };
const FAILURE: RecordedOutcome = {
  status: "failed",
  error: { code: "boom", message: "it went wrong" },
  retryable: true,
};
/** The struck agent, the one that took over, and the rest. */
export const STRUCK = "struck-1";
export const HEALTHY = "healthy-1";

export class SmallHive {
  private entries = 0;
  private readonly store: WorkflowStore;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly manager: RedisStreamsManager,
    readonly pool: ReturnType<typeof createPool>,
  ) {
    this.store = new WorkflowStore(pool);
  }

  static async start(): Promise<SmallHive> {
    const database = await createTestDatabase({
      fingerprint: schemaFingerprint(),
      migrate: (url) => runMigrations(url),
    });
    const redis = await createTestRedis();
    const manager = new RedisStreamsManager({ url: redis.url, keys: createKeys(redis.prefix) });
    await manager.connect();
    return new SmallHive(database, redis, manager, createPool({ url: database.url, applicationName: "small-hive" }));
  }

  async stop(): Promise<void> {
    await this.manager.close();
    await this.redis.close();
    await this.pool.end();
    await this.database.drop();
  }

  get keys(): Keys {
    return this.manager.keys;
  }

  /** Settings by which a service finds these stores. */
  get env(): Record<string, string> {
    return {
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redis.url,
      HIVE_KEY_PREFIX: this.redis.prefix,
      HIVE_LOG_LEVEL: "silent",
    };
  }

  /** Forgets all workflows; groups and registrations are made anew. */
  async clear(): Promise<void> {
    await this.sql("truncate workflow, task, ready_queue, delayed_queue, attempt_history, dead_letter, submission");
    await this.redis.clear();
    await this.manager.writeEpoch("1", null);
    const { keys } = this;
    await this.manager.ensureGroup({ stream: keys.dispatch, group: ROUTERS_GROUP });
    await this.manager.ensureGroup({ stream: keys.results, group: ENGINES_GROUP });
    for (const { group, stream } of agentTypesOf({ HIVE_LOAD_HANDLERS: true }).groups) {
      await this.manager.ensureGroup({ stream: keys.stream(stream), group });
    }
    await this.register("backend-1", "backend_engineers_consumers", hostname());
    await this.register("backend-2", "backend_engineers_consumers", "another-machine");
  }

  /** Tampers with the tables, or looks into them. */
  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.pool.query<Record<string, unknown>>(text, values)).rows;
  }

  async tell(event: Omit<HiveEvent, "at">): Promise<void> {
    await this.manager.publishEvents([{ ...event, at: new Date().toISOString() }]);
  }

  /** Submits a diamond of four tasks. @returns its id, and what of it is dispatched. */
  async submit(): Promise<{ id: string; dispatched: DispatchedTask[] }> {
    const plan = diamond();
    const idempotency = { key: randomUUID(), requestHash: "0".repeat(64) };
    const { dispatched } = await this.store.submit([plan], { idempotency, free: ROOM });
    return { id: plan.id, dispatched };
  }

  /** One workflow from its submission to its end, without trouble. @returns its id. */
  async runOne(): Promise<string> {
    const { id, dispatched } = await this.submit();
    await this.runAll(dispatched);
    return id;
  }

  /** One whose first task fails and is tried again. @returns its id. */
  async runWithRetry(): Promise<string> {
    const { id, dispatched } = await this.submit();
    await this.record({ results: [await this.result(dispatched[0]!, FAILURE)] });
    await delay(5);
    await this.store.releaseDue();
    await this.runAll(await this.store.fillWindows(ROOM));
    return id;
  }

  /** One whose first task loses its agent. @returns its id, and what was done. */
  async runWithCrash(): Promise<{ id: string; act: Act }> {
    const { id, dispatched } = await this.submit();
    const [task] = dispatched as [DispatchedTask];
    const { workflowId, position, agentType, attempt, taskId } = task;
    const row = await this.result(task, SUCCESS, STRUCK);
    const { entryId, startedAtMs } = row;
    const act: Act = {
      kind: "crash",
      agentId: "architect-1",
      incarnation: STRUCK,
      agentType,
      group: "architects_consumers",
      atMs: Date.now(),
      held: [{ workflowId, taskId, attempt }],
    };
    await delay(5);
    await this.judge(STRUCK);
    const lost = {
      workflowId,
      position,
      agentType,
      attempt,
      entryId,
      incarnation: STRUCK,
      alone: false,
      charged: true,
    };
    await this.record({ crashes: [{ ...lost, startedAtMs }] });
    const again = { ...row, ...(await this.timesOfRun()), agentId: HEALTHY, incarnation: HEALTHY };
    await this.runAll((await this.record({ results: [again] })).dispatched);
    return { id, act };
  }

  /** One that is cancelled while its first task runs. @returns its id. */
  async runCancelled(): Promise<string> {
    const { id } = await this.submit();
    await this.store.cancel(id);
    return id;
  }

  private async runAll(dispatched: DispatchedTask[]): Promise<void> {
    for (let tasks = dispatched; tasks.length > 0;) {
      const results = await Promise.all(tasks.map((task) => this.result(task, SUCCESS)));
      tasks = (await this.record({ results })).dispatched;
    }
  }

  private record(batch: Batch) {
    return this.store.recordBatch(batch, ROOM);
  }

  private async result(task: DispatchedTask, outcome: RecordedOutcome, incarnation = `agent-${task.agentType}`) {
    const { workflowId, position, agentType, attempt } = task;
    const entryId = `${Date.now()}-${this.entries++}`;
    const times = await this.timesOfRun();
    return { workflowId, position, agentType, attempt, outcome, agentId: incarnation, incarnation, entryId, ...times };
  }

  private async timesOfRun(): Promise<{ startedAtMs: number; finishedAtMs: number; runMs: number }> {
    const startedAtMs = Date.now();
    await delay(3);
    return { startedAtMs, finishedAtMs: Date.now(), runMs: 2.5 };
  }

  private async judge(incarnation: string): Promise<void> {
    const verdict: Verdict = {
      incarnation,
      agentId: "architect-1",
      service: "agent-architect",
      group: "architects_consumers",
      kind: "crashed",
      evidence: "all connections gone",
      by: "coordinator",
      at: new Date().toISOString(),
    };
    await this.redis.client.hset(this.keys.verdicts, incarnation, JSON.stringify(verdict));
  }

  private async register(agentId: string, group: string, host: string): Promise<void> {
    const registration: Registration = {
      incarnation: `${agentId}-life`,
      agentId,
      service: "agent-backend",
      group,
      slots: 2,
      handlers: [],
      pid: process.pid,
      host,
      registeredAt: new Date().toISOString(),
      runId: "run",
      connections: [],
    };
    await this.manager.register(registration, { counter: 1, mainLoop: 1, held: [], rssBytes: 0 });
  }
}
