import {
  ENGINES_GROUP,
  createKeys,
  parseItems,
  parseResultItem,
  parseResultsEntry,
  taskEntryFields,
  type AgentGroup,
  type HiveEvent,
  type Keys,
  type Parsed,
  type ResultItem,
  type ResultPayload,
  type ResultsEnvelope,
  type TaskEntry,
} from "@agent-hive/contracts";
import { HiveMember, PeerWatch, RedisStreamsManager } from "@agent-hive/streams";
import { silentLogger, type Logger } from "@agent-hive/telemetry";
import { eventually, storeUrl } from "@agent-hive/testing";
import { randomBytes } from "node:crypto";
import { AgentRuntime } from "../agent-runtime.js";
import { HandlerRegistry } from "../handler-registry.js";
import type { Task, TaskContext, TaskHandler } from "../task.js";
import { taskEntry, type About } from "./entries.js";

const EPOCH = "1";

export const BACKEND: AgentGroup = {
  type: "BACKEND_ENGINEERS",
  agentType: "backend",
  group: "backend_engineers_consumers",
  stream: "agent_messages:backend",
  maxConsumers: 8,
  capabilities: ["*"],
};

type Execute = (task: Task, context: TaskContext) => unknown;

/** A result with what its envelope says of it. */
export type ReportedResult = ResultPayload & { taskKey: string; incarnation: string };

export interface AgentChange {
  slots?: number;
  engineUrl?: string;
  redisUrl?: string;
  logger?: Logger;
}

/** The rest of a hive, as agents see it, on a real Redis under a prefix of its own: who publishes, and who watches. */
export class TestHive {
  readonly redisUrl: string;
  readonly keys: Keys;
  readonly manager: RedisStreamsManager;
  private readonly closing: (() => unknown)[] = [];
  private agents = 0;

  private constructor(redisUrl: string) {
    this.redisUrl = redisUrl;
    this.keys = createKeys(`test-${randomBytes(6).toString("hex")}:`);
    this.manager = new RedisStreamsManager({ url: redisUrl, keys: this.keys });
  }

  static async open(redisUrl = storeUrl("REDIS_URL")): Promise<TestHive> {
    const hive = new TestHive(redisUrl);
    await hive.manager.connect();
    await hive.manager.writeEpoch(EPOCH, null);
    await hive.manager.announceOnlooker(3_600, false); // tests look at events
    await hive.manager.ensureGroup({ stream: hive.keys.results, group: ENGINES_GROUP });
    await hive.manager.ensureGroup({ stream: hive.keys.stream(BACKEND.stream), group: BACKEND.group });
    return hive;
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close();
    const names = (await this.manager.call("KEYS", [`${this.keys.prefix}*`])) as string[];
    if (names.length > 0) await this.manager.call("UNLINK", names);
    await this.manager.close();
  }

  onClose(close: () => unknown): void {
    this.closing.push(close);
  }

  /** An agent in this process. */
  async agent(handlers: Record<string, Execute | TaskHandler>, change: AgentChange = {}): Promise<AgentRuntime> {
    const registry = new HandlerRegistry();
    for (const [name, handler] of Object.entries(handlers)) {
      registry.add(name, typeof handler === "function" ? { execute: handler } : handler);
    }
    const agent = new AgentRuntime({
      group: BACKEND,
      siblingStreams: [],
      agentId: `agent-${++this.agents}`,
      handlers: registry,
      redisUrl: this.redisUrl,
      keyPrefix: this.keys.prefix,
      engineUrl: "http://127.0.0.1:9",
      slots: 1,
      logger: silentLogger,
      ...change,
    });
    this.onClose(async () => {
      agent.quiet();
      await agent.handBack();
      await agent.close();
    });
    await agent.start();
    return agent;
  }

  /** Watches as the coordinator does, and carries verdicts out. */
  async coordinator(): Promise<PeerWatch> {
    const member = new HiveMember({ manager: this.manager, service: "group-coordinator", agentId: "coordinator" });
    await member.start();
    const watch = new PeerWatch({ manager: this.manager, member, mode: "coordinator", term: () => 1 });
    watch.start();
    this.onClose(async () => {
      await watch.stop();
      await member.stop();
    });
    return watch;
  }

  /** Puts a task where engine and router would: in the in-flight index and the agents' stream. */
  async publish(about: About = {}): Promise<TaskEntry & { entryId: string }> {
    const task = taskEntry(about);
    await this.manager.call("HSET", [this.keys.inFlight(task.agentType), task.taskKey, String(task.attempt)]);
    const fields = Object.entries(taskEntryFields(task)).flat();
    const entryId = (await this.manager.call("XADD", [this.keys.stream(BACKEND.stream), "*", ...fields])) as string;
    return { ...task, entryId };
  }

  /** Everything in the results stream, parsed as the engine does. */
  async results(): Promise<ResultsEnvelope[]> {
    const entries = (await this.manager.call("XRANGE", [this.keys.results, "-", "+"])) as [string, string[]][];
    return entries.map(([, flat]) => insistOn(parseResultsEntry(toFields(flat))));
  }

  /** All results of attempts with their envelopes, whatever entries carry them. */
  async resultItems(): Promise<ResultItem[]> {
    return (await this.reported()).map(({ item }) => item);
  }

  /** All results of attempts, by their contract, with whom and what they are about. */
  async attemptResults(): Promise<ReportedResult[]> {
    return (await this.reported()).map(({ item, incarnation }) => ({ ...item.m, taskKey: item.k, incarnation }));
  }

  private async reported(): Promise<{ item: ResultItem; incarnation: string }[]> {
    return (await this.results()).flatMap((entry) => {
      if (entry.t !== "results") return [];
      return insistOn(parseItems(entry.m)).map((item) => ({
        item: insistOn(parseResultItem(item)),
        incarnation: entry.i,
      }));
    });
  }

  /** Waits for the one result of a task. */
  async resultOf({ taskKey }: TaskEntry, limitMs?: number): Promise<ReportedResult> {
    const isIts = (result: ReportedResult) => result.taskKey === taskKey;
    const found = await eventually(
      async () => (await this.attemptResults()).filter(isIts),
      (own) => own.length > 0,
      limitMs,
    );
    if (found.length > 1) throw new Error(`Task ${taskKey} has ${found.length} results.`);
    return found[0]!;
  }

  async events(): Promise<HiveEvent[]> {
    const entries = (await this.manager.call("XRANGE", [this.keys.events, "-", "+"])) as [string, string[]][];
    return entries.flatMap(([, flat]) => JSON.parse(toFields(flat).m!) as HiveEvent[]);
  }

  /** How many entries are in the agents' stream, and how many of them are pending. */
  async backlog(): Promise<{ length: number; pending: number }> {
    const { length, pending } = await this.manager.groupInfo({
      stream: this.keys.stream(BACKEND.stream),
      group: BACKEND.group,
    });
    return { length, pending };
  }
}

function insistOn<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function toFields(flat: string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!;
  return fields;
}
