import {
  ROUTERS_GROUP,
  createKeys,
  parsePayload,
  parseTaskEntry,
  parseTaskItem,
  parseTaskKey,
  parseTasksEntry,
  taskKeyOf,
  taskPayloadSchema,
  type AgentTypes,
  type Keys,
  type Outcome,
  type Parsed,
  type ResultEnvelope,
  type ResultPayload,
  type StreamEntry,
  type TaskEnvelope,
  type TaskPayload,
} from "@agent-hive/contracts";
import { HiveError } from "@agent-hive/domain";
import {
  GroupConsumer,
  HiveMember,
  RedisStreamsManager,
  type AgentGroupAddress,
  type RoutedTask,
} from "@agent-hive/streams";
import type { TaskAttempt } from "@agent-hive/persistence";
import { newTraceparent } from "@agent-hive/telemetry";

/** A task as its agent knows it, from envelope and payload. */
export type FakeTask = TaskPayload & TaskAttempt;

/** What a fake agent does with a task: its outcome, or undefined to say nothing and hold the entry for ever. */
export type FakeHandler = (task: FakeTask) => Outcome | undefined | Promise<Outcome | undefined>;

/** A router and one agent per type, on the real streams with the real scripts, in this process. */
export class FakeAgents {
  readonly manager: RedisStreamsManager;
  private readonly keys: Keys;
  private readonly stops: (() => Promise<void>)[] = [];

  constructor(
    redis: { url: string; prefix: string },
    private readonly agentTypes: AgentTypes,
    private readonly handle: FakeHandler,
  ) {
    this.keys = createKeys(redis.prefix);
    this.manager = new RedisStreamsManager({ url: redis.url, keys: this.keys });
  }

  async start(): Promise<void> {
    await this.manager.connect();
    await this.startRouter();
    for (const group of this.agentTypes.groups) {
      await this.startAgent({ ...group, stream: this.keys.stream(group.stream) });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.stops.map((stop) => stop()));
    await this.manager.close();
  }

  private async startRouter(): Promise<void> {
    const at = { stream: this.keys.dispatch, group: ROUTERS_GROUP };
    const member = new HiveMember({ manager: this.manager, service: "router", agentId: "fake-router", ...at });
    const consumer: GroupConsumer = new GroupConsumer({
      manager: this.manager,
      member,
      ...at,
      capacity: () => 256,
      onEntries: async (entries) => {
        const routed = entries.map((entry) => ({ entryId: entry.id, tasks: this.routesOf(entry) }));
        await this.manager.routeTasks(member.identity, { routed, deadLetters: [] });
        consumer.settled(entries.map((entry) => entry.id));
      },
    });
    await this.run(member, consumer);
  }

  private routesOf(entry: StreamEntry): RoutedTask[] {
    return insistOn(parseTasksEntry(entry.fields)).map((item) => {
      const task = insistOn(parseTaskItem(item));
      const [group] = this.agentTypes.groupsOf(task.agentType);
      return { stream: this.keys.stream(group!.stream), task };
    });
  }

  private async startAgent(at: AgentGroupAddress): Promise<void> {
    const { agentType } = at;
    const member = new HiveMember({
      manager: this.manager,
      service: "agent",
      agentId: `fake-${agentType}`,
      slots: 64,
      ...at,
    });
    const consumer: GroupConsumer = new GroupConsumer({
      manager: this.manager,
      member,
      ...at,
      capacity: () => 64,
      onEntries: async (entries) => {
        const tasks = entries.map((entry) => ({ entryId: entry.id, ...taskOf(entry) }));
        const starts = tasks.map(({ entryId, taskKey, attempt }) => ({ entryId, taskKey, attempt, alone: false }));
        const begun = await this.manager.beginTasks(member.identity, { ...at, tasks: starts, startedAtMs: Date.now() });
        const running = tasks.filter((_, i) => begun[i]!.status === "begun");
        const ended = tasks.filter((_, i) => begun[i]!.status !== "begun").map((task) => task.entryId);
        consumer.settled(ended);
        // Not awaited: tasks run beside each other.
        for (const task of running) this.execute(task, at, member, consumer).catch(dropLostWork);
      },
    });
    await this.run(member, consumer);
  }

  private async execute(
    task: TaskEnvelope & { entryId: string },
    at: AgentGroupAddress,
    member: HiveMember,
    consumer: GroupConsumer,
  ): Promise<void> {
    const payload = parsePayload(taskPayloadSchema, task.payload);
    if (!payload.ok) throw new Error(payload.reason);
    const { entryId, taskKey, attempt, traceparent } = task;
    const { timeoutMs } = payload.value;
    member.taskStarted({ entryId, taskKey, attempt, timeoutMs });
    const startedAtMs = Date.now();
    const { workflowId, position } = parseTaskKey(taskKey)!;
    const about = { workflowId, position, attempt, agentType: at.agentType };
    const outcome = await this.handle({ ...payload.value, ...about });
    if (outcome === undefined) return;
    const result = resultOf(payload.value, outcome, { entryId, startedAtMs });
    await this.manager.completeTask(member.identity, at, {
      entryId,
      taskKey,
      attempt,
      payload: JSON.stringify(result),
      traceparent,
    });
    member.taskEnded(entryId);
    consumer.settled([entryId]);
  }

  private async run(member: HiveMember, consumer: GroupConsumer): Promise<void> {
    await member.start();
    consumer.start();
    this.stops.push(async () => {
      await consumer.stop();
      await member.stop();
    });
  }
}

const taskOf = (entry: StreamEntry): TaskEnvelope => insistOn(parseTaskEntry(entry.fields));

function insistOn<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** The epoch changed, or the connection is gone: somebody else does it again. */
function dropLostWork(error: unknown): void {
  if (!(error instanceof HiveError)) throw error;
}

/** The payload with which an agent reports an outcome. */
export function resultOf(
  { taskId }: Pick<TaskPayload, "taskId">,
  outcome: Outcome,
  { entryId, startedAtMs }: { entryId: string; startedAtMs: number },
): ResultPayload {
  return { taskId, outcome, entryId, startedAtMs, runMs: 1 };
}

/** The same as an entry of the results stream carries it. */
export function resultEnvelope(
  task: Pick<FakeTask, "workflowId" | "taskId" | "position" | "attempt">,
  outcome: Outcome,
  run: { entryId: string; startedAtMs: number },
): ResultEnvelope {
  return {
    taskKey: taskKeyOf(task.workflowId, task.position),
    attempt: task.attempt,
    payload: JSON.stringify(resultOf(task, outcome, run)),
    traceparent: newTraceparent(),
  };
}
