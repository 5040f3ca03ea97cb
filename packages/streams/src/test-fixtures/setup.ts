/** What the integration tests of this package are made with. */
import { randomBytes, randomUUID } from "node:crypto";
import {
  createKeys,
  parseTaskItem,
  parseTasksEntry,
  taskKeyOf,
  type Keys,
  type Parsed,
  type StreamEntry,
  type TaskEntry,
} from "@agent-hive/contracts";
import { newTraceparent } from "@agent-hive/telemetry";
import { storeUrl } from "@agent-hive/testing";
import { Redis } from "ioredis";
import { GroupConsumer, type GroupConsumerOptions } from "../group-consumer.js";
import { HiveMember, type HiveMemberOptions } from "../hive-member.js";
import { RedisStreamsManager } from "../redis-streams-manager.js";
import { toStreamEntries, type RawEntry } from "../replies.js";
import type { AgentGroupAddress, MemberIdentity, RoutedEntry } from "../types.js";

const SHARED_REDIS_URL = storeUrl("REDIS_URL");
export const EPOCH = "1";

/** Everything that a test opens, closed in reverse order. */
export class Bench {
  readonly keys: Keys;
  readonly backend: AgentGroupAddress;
  private readonly closing: (() => Promise<unknown> | void)[] = [];

  private constructor(
    readonly url: string,
    /** A second client, for looking and for mischief. */
    readonly redis: Redis,
    readonly manager: RedisStreamsManager,
  ) {
    this.keys = manager.keys;
    const agentType = "backend";
    this.backend = {
      stream: this.keys.stream("agent_messages:backend"),
      group: "backend_engineers_consumers",
      agentType,
    };
  }

  /** Connected, at epoch "1", with the groups of dispatch, backend and results. Its keys have a prefix of their own. */
  static async open(url = SHARED_REDIS_URL, prefix = `test-${randomBytes(6).toString("hex")}:`): Promise<Bench> {
    const redis = new Redis(url, {
      protocol: 2,
      retryStrategy: () => 20,
      maxLoadingRetryTime: 20,
      maxRetriesPerRequest: null,
      disconnectTimeout: 1,
    });
    redis.on("error", () => undefined);
    const manager = new RedisStreamsManager({ url, keys: createKeys(prefix) });
    await manager.connect();
    const bench = new Bench(url, redis, manager);
    bench.onClose(() => redis.disconnect());
    bench.onClose(() => bench.removeKeys());
    bench.onClose(() => manager.close());
    await manager.writeEpoch(EPOCH, null);
    await manager.ensureGroup({ stream: bench.keys.dispatch, group: "routers" });
    await manager.ensureGroup({ stream: bench.keys.results, group: "workflow_engines" });
    await manager.ensureGroup(bench.backend);
    return bench;
  }

  onClose(close: () => Promise<unknown> | void): void {
    this.closing.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close();
  }

  /** An identity that acts without being registered. */
  identity(name: string): MemberIdentity {
    return { incarnation: name, agentId: name, service: "test", group: this.backend.group };
  }

  /** A further manager: another process, as far as Redis can tell. */
  async anotherManager(): Promise<RedisStreamsManager> {
    const manager = new RedisStreamsManager({ url: this.url, keys: this.keys });
    await manager.connect();
    this.onClose(() => manager.close());
    return manager;
  }

  async member(options: Partial<HiveMemberOptions> = {}): Promise<HiveMember> {
    const { stream, group, agentType } = this.backend;
    const manager = options.manager ?? (await this.anotherManager());
    const agentId = `agent-${randomBytes(3).toString("hex")}`;
    const member = new HiveMember({
      manager,
      service: "agent",
      agentId,
      agentType,
      group,
      stream,
      slots: 1,
      ...options,
    });
    this.onClose(() => member.stop({ goodbye: false }));
    await member.start();
    return member;
  }

  consumer(
    member: HiveMember,
    manager: RedisStreamsManager,
    options: Partial<GroupConsumerOptions> = {},
  ): GroupConsumer {
    const consumer = new GroupConsumer({
      manager,
      member,
      ...this.backend,
      capacity: () => 100,
      onEntries: async () => undefined,
      ...options,
    });
    this.onClose(() => consumer.stop());
    consumer.start();
    return consumer;
  }

  /** Puts tasks into the agent stream as engine and router would, and gives their entry ids. */
  async dispatch(...tasks: TaskEntry[]): Promise<string[]> {
    const engine = this.identity("engine");
    const router = this.identity("router");
    const before = await this.entries(this.backend.stream);
    await this.manager.publishAndAcknowledge(engine, { settled: [], tasks, events: [] });
    const entries = await this.read("routers", router.incarnation, this.keys.dispatch);
    const routed = entries.map((entry) => this.routed(entry));
    await this.manager.routeTasks(router, { routed, deadLetters: [] });
    return (await this.entries(this.backend.stream)).slice(before.length).map(({ id }) => id);
  }

  /** The decision to give the tasks of a dispatch entry to the backend agents. */
  routed(entry: StreamEntry, tasks: readonly TaskEntry[] = taskItems(entry)): RoutedEntry {
    return { entryId: entry.id, tasks: tasks.map((task) => ({ stream: this.backend.stream, task })) };
  }

  /** Reads what is new for a consumer. */
  async read(group: string, consumer: string, stream: string, count = 1000): Promise<StreamEntry[]> {
    const args = ["GROUP", group, consumer, "COUNT", String(count), "STREAMS", stream, ">"];
    const reply = (await this.redis.call("XREADGROUP", args)) as [string, RawEntry[]][] | null;
    return toStreamEntries(reply?.[0]?.[1] ?? []);
  }

  async entries(stream: string): Promise<StreamEntry[]> {
    return toStreamEntries(await this.redis.xrange(stream, "-", "+"));
  }

  /** Pending entry ids of a consumer, or of the whole group. */
  async pending(
    consumer?: string,
    { stream, group }: { stream: string; group: string } = this.backend,
  ): Promise<string[]> {
    const filter = consumer === undefined ? [] : [consumer];
    const reply = await this.redis.call("XPENDING", stream, group, "-", "+", "1000", ...filter);
    return (reply as [string][]).map(([id]) => id);
  }

  private async removeKeys(): Promise<void> {
    if (this.keys.prefix === "") return;
    const names = await this.redis.keys(`${this.keys.prefix}*`);
    if (names.length > 0) await this.redis.del(names);
  }
}

/** The tasks that an entry of the dispatch stream carries, in their order. */
export function taskItems(entry: StreamEntry): TaskEntry[] {
  return insistOn(parseTasksEntry(entry.fields)).map((item) => insistOn(parseTaskItem(item)));
}

/** The items of an entry that carries a batch, as they stand in its JSON. */
export function itemsOf(entry: StreamEntry): unknown[] {
  return JSON.parse(entry.fields["m"]!) as unknown[];
}

function insistOn<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** A task of a workflow of its own, for backend agents. */
export function taskEntry(change: Partial<TaskEntry> = {}): TaskEntry {
  return {
    agentType: "backend",
    taskKey: taskKeyOf(randomUUID(), 0),
    attempt: 1,
    capabilities: ["noop"],
    payload: '{"crashes":0,"crashesAlone":0}',
    traceparent: newTraceparent(),
    ...change,
  };
}
