import { randomUUID } from "node:crypto";
import { createKeys, taskKeyOf, type Keys, type TaskEntry } from "@agent-hive/contracts";
import { HiveMember, RedisStreamsManager, type MemberIdentity } from "@agent-hive/streams";
import { newTraceparent } from "@agent-hive/telemetry";

const ENGINE: MemberIdentity = { incarnation: "engine", agentId: "engine", service: "test" };

/** The test in the place of the engine: publishes tasks, and looks where they went. Its keys have a prefix of their own. */
export class Dispatcher {
  readonly keys: Keys;
  readonly manager: RedisStreamsManager;

  constructor(redisUrl: string, prefix = `${randomUUID().slice(0, 8)}:`) {
    this.keys = createKeys(prefix);
    this.manager = new RedisStreamsManager({ url: redisUrl, keys: this.keys });
  }

  async open(): Promise<this> {
    await this.manager.connect();
    await this.manager.writeEpoch("1", null);
    return this;
  }

  async close(): Promise<void> {
    const names = (await this.manager.call("KEYS", [`${this.keys.prefix}*`])) as string[];
    if (names.length > 0) await this.manager.call("DEL", names);
    await this.manager.close();
  }

  async publish(...tasks: TaskEntry[]): Promise<void> {
    await this.manager.publishAndAcknowledge(ENGINE, { settled: [], tasks, events: [] });
  }

  /** Registers an agent that does nothing but say what it could. */
  async agent(group: string, handlers: string[]): Promise<HiveMember> {
    const member = new HiveMember({
      manager: this.manager,
      service: "test",
      agentId: "agent",
      group,
      slots: 1,
      handlers,
    });
    await member.start();
    return member;
  }

  /** The fields of all entries of a stream. */
  async entries(stream: string): Promise<Record<string, string>[]> {
    const entries = (await this.manager.call("XRANGE", [stream, "-", "+"])) as [string, string[]][];
    return entries.map(([, flat]) => toRecord(flat));
  }

  async length(stream: string): Promise<number> {
    return Number(await this.manager.call("XLEN", [stream]));
  }
}

/** A task of a workflow of its own. */
export function task(agentType: string, ...capabilities: string[]): TaskEntry {
  const taskKey = taskKeyOf(randomUUID(), 0);
  return { agentType, taskKey, attempt: 1, capabilities, payload: '{"task":1}', traceparent: newTraceparent() };
}

function toRecord(flat: string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!]] : [])));
}
