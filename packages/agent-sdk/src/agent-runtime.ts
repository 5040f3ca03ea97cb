import {
  createKeys,
  type AgentGroup,
  type ControlMessage,
  type StreamEntry,
  type TaskMoment,
} from "@agent-hive/contracts";
import { HiveClient } from "@agent-hive/client";
import { InterruptedError } from "@agent-hive/domain";
import { history } from "@agent-hive/proof";
import { GroupConsumer, HiveMember, PeerWatch, RedisStreamsManager, type ClaimReport } from "@agent-hive/streams";
import { readOnDemand, type Logger } from "@agent-hive/telemetry";
import type { ContextServices } from "./attempts/attempt-context.js";
import { AttemptRunner } from "./attempts/attempt-runner.js";
import type { Attempt } from "./attempts/attempt.js";
import { OutputEncoder } from "./attempts/output-encoder.js";
import { AgentLoop, type LoopCounters, type LoopObserver } from "./delivery/agent-loop.js";
import { CheckpointSaver } from "./delivery/checkpoint-saver.js";
import { readDelivery } from "./delivery/delivery.js";
import { RedisTaskStream } from "./delivery/redis-task-stream.js";
import { EngineAccess } from "./engine/engine-access.js";
import { EventFeed } from "./events/event-feed.js";
import type { HandlerRegistry } from "./handler-registry.js";
import { DeliverySpans } from "./tracing/delivery-spans.js";

export interface AgentRuntimeOptions {
  group: AgentGroup;
  agentId: string;
  handlers: HandlerRegistry;
  redisUrl: string;
  keyPrefix: string;
  /** Streams of the other groups that serve the same agent type. */
  siblingStreams: string[];
  /** The engine, or all of its replicas. */
  engineUrl: string | readonly string[];
  /** Sent to engines that ask for a key. */
  apiKey?: string;
  /** Tasks at once. */
  slots: number;
  logger: Logger;
  /** Only where crashes are simulated. */
  chaos?: ChaosOrders;
}

/** Orders to stand still at a moment of a task, so that whoever simulates crashes can strike there. */
export interface ChaosOrders {
  take(arrival: {
    moment: TaskMoment;
    agentType: string;
    agentId: string;
    taskId: string;
  }): Promise<string | undefined>;
  standStill(orderId: string): Promise<void>;
  close(): void;
}

/** What an agent is doing. */
export interface AgentStatus extends LoopCounters {
  agentId: string;
  incarnation: string;
  agentType: string;
  group: string;
  handlers: string[];
  slots: number;
  running: number;
  /** Handlers that were stopped and have not returned: they ignore their signal. */
  strays: number;
}

/** An agent as it runs: membership, reader, loop and handlers, put together. Knows nothing of Nest. */
export class AgentRuntime {
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly consumer: GroupConsumer;
  /** Does the coordinator's watching while there is none. */
  private readonly peers: PeerWatch;
  private readonly checkpoints: CheckpointSaver;
  private readonly runner: AttemptRunner;
  private readonly loop: AgentLoop;
  private readonly stopGauges: (() => void)[];
  private readonly events: EventFeed;
  private readonly spans: DeliverySpans;

  constructor(private readonly options: AgentRuntimeOptions) {
    const { group, handlers, logger, slots } = options;
    const keys = createKeys(options.keyPrefix);
    const address = { stream: keys.stream(group.stream), group: group.group, agentType: group.agentType };
    this.manager = new RedisStreamsManager({ url: options.redisUrl, keys, logger });
    this.member = new HiveMember({
      manager: this.manager,
      service: `agent-${group.agentType}`,
      agentId: options.agentId,
      ...address,
      slots,
      handlers: handlers.names,
    });
    this.peers = new PeerWatch({ manager: this.manager, member: this.member, mode: "peer" });
    const reporter = () => this.member.identity;
    this.spans = new DeliverySpans(group, reporter);
    const stream = new RedisTaskStream(this.manager, this.member, address, this.spans);
    this.checkpoints = new CheckpointSaver(stream, logger);
    this.events = new EventFeed(
      (events) => this.manager.publishEvents(events),
      reporter,
      () => this.manager.hasOnlookers,
    );
    const engine = new EngineAccess(new HiveClient({ engineUrl: options.engineUrl, apiKey: options.apiKey }));
    this.runner = new AttemptRunner(handlers, new OutputEncoder(engine), this.servicesOf(engine), logger);
    this.loop = new AgentLoop({
      slots,
      handlers,
      runner: this.runner,
      stream,
      reporter,
      observer: this.observer(),
      logger,
    });
    this.consumer = new GroupConsumer({
      manager: this.manager,
      member: this.member,
      ...address,
      // Should the stream be deleted, its tasks are published again, but for those that are somewhere else.
      lostWork: {
        state: "open",
        agentTypes: [group.agentType],
        alsoIn: [keys.dispatch, ...options.siblingStreams.map((name) => keys.stream(name))],
      },
      capacity: () => this.loop.capacity,
      onEntries: async (entries: StreamEntry[]) => this.loop.take(entries),
    });
    this.stopGauges = this.gauges();
  }

  private gauges(): (() => void)[] {
    const { group, slots } = this.options;
    const labels = { agent_type: group.agentType };
    const outcome = (name: string, value: number) => [{ ...labels, outcome: name }, value] as const;
    return [
      readOnDemand("hive_agent_slots", () => [[labels, slots]]),
      readOnDemand("hive_agent_running_tasks", () => [[labels, this.loop.running]]),
      readOnDemand("hive_agent_results_total", () => {
        const { completed, lost, deadLettered } = this.loop.counters;
        return [outcome("completed", completed), outcome("lost", lost), outcome("dead_lettered", deadLettered)];
      }),
    ];
  }

  /** Joins the hive and begins to take tasks, as soon as Redis can be reached. */
  async start(): Promise<void> {
    this.member.on("renewed", (_, why) => this.loop.renounce(why));
    this.member.on("epoch", () => this.loop.renounce("Redis lost its data"));
    this.member.on("control", (message) => this.obey(message));
    this.consumer.on("claimed", (report) => this.claimed(report));
    await this.member.start();
    this.consumer.start();
    this.peers.start();
  }

  get status(): AgentStatus {
    const { group, agentId, handlers, slots } = this.options;
    return {
      agentId,
      incarnation: this.member.identity.incarnation,
      agentType: group.agentType,
      group: group.group,
      handlers: handlers.names,
      slots,
      running: this.loop.running,
      strays: this.runner.strays,
      ...this.loop.counters,
    };
  }

  /** Says in the registry where this process answers HTTP. */
  announce(httpUrl: string): void {
    this.member.describe({ httpUrl });
  }

  /** Rejects while there is no connection to Redis. */
  async checkRedis(): Promise<void> {
    if (!this.manager.identity) throw new Error("There is no connection to Redis; trying to connect again.");
  }

  /** Takes nothing new. */
  quiet(): void {
    this.loop.quiet();
    this.consumer.quiet();
  }

  /** Resolves once nothing runs and every result has been taken. */
  drain(): Promise<void> {
    return this.loop.idle();
  }

  /** Interrupts what still runs and gives everything that is held to others, uncharged. */
  async handBack(): Promise<void> {
    const { running } = this.loop;
    if (running > 0) this.options.logger.warn("tasks are handed back unfinished", { running });
    this.loop.interrupt(new InterruptedError("SHUTDOWN", "The agent is stopping; the task is handed back."));
    await Promise.all([this.consumer.stop(), this.peers.stop()]);
    await this.member.stop({ goodbye: true });
  }

  async close(): Promise<void> {
    for (const stop of this.stopGauges) stop();
    this.events.close();
    this.options.chaos?.close();
    this.runner.close();
    await this.manager.close();
  }

  private obey(message: ControlMessage): void {
    if (message.type !== "cancel") return;
    history?.note("cancel-heard", { workflow: message.workflowId, tasks: message.taskKeys });
    this.loop.cancel(message.workflowId, message.taskKeys);
  }

  private claimed(report: ClaimReport): void {
    const { entries, crashed } = report;
    this.spans.claimed(report);
    const holders = new Map(crashed.map(({ entryId, incarnation }) => [entryId, incarnation]));
    for (const entry of entries) {
      const read = readDelivery(entry);
      if (read.ok) this.events.tell("delivery.claimed", read.value, { from: holders.get(entry.id) ?? null });
    }
  }

  private observer(): LoopObserver {
    return {
      starting: (attempts) => this.starting(attempts),
      completed: (delivery) => this.events.tell("task.result-sent", delivery),
      refused: ({ delivery, run }, unanswered) => {
        this.events.tell("task.fenced", delivery, { by: "redis" });
        if (unanswered) this.spans.refused(delivery, run.context);
      },
      handedBack: (attempt) => this.spans.handedBack(attempt),
      released: (entryIds) => this.released(entryIds),
      roomMade: () => this.consumer.wake(),
    };
  }

  private starting(attempts: readonly Attempt[]): void {
    history?.note("start", { by: this.member.identity.incarnation, tasks: attempts.map(notedAttempt) });
    this.member.tasksStarted(
      attempts.map(({ delivery: { entryId, envelope, payload } }) => ({
        entryId,
        taskKey: envelope.taskKey,
        attempt: envelope.attempt,
        timeoutMs: payload.timeoutMs,
      })),
    );
    for (const { delivery, alone } of attempts) this.events.tell("task.started", delivery, { alone });
  }

  private released(entryIds: string[]): void {
    for (const entryId of entryIds) this.member.taskEnded(entryId);
    this.consumer.settled(entryIds);
    this.spans.released(entryIds);
  }

  /** Takes orders to stand still at a moment, tells of it, and waits to be hurt or released. */
  private standStill(orders: ChaosOrders): NonNullable<ContextServices["reached"]> {
    return async (moment, { delivery }) => {
      const { agentId } = this.options;
      const { agentType } = delivery.envelope;
      const { taskId } = delivery.payload;
      // Orders that cannot be read are none: no task fails for the sake of a simulation.
      const orderId = await orders.take({ moment, agentType, agentId, taskId }).catch(() => undefined);
      if (orderId === undefined) return;
      this.events.tell("chaos.held", delivery, { moment, orderId });
      await orders.standStill(orderId).catch(() => undefined);
    };
  }

  private servicesOf(engine: EngineAccess): ContextServices {
    return {
      logger: this.options.logger,
      outputOf: (workflowId, taskId, signal) => engine.outputOf(workflowId, taskId, signal),
      progress: ({ delivery }, fraction, data) => this.events.tellProgress(delivery, fraction, data),
      saveCheckpoint: (attempt, json) => this.checkpoints.save(attempt, json),
      refused: ({ delivery, traceparent }) => {
        this.events.tell("task.fenced", delivery, { by: "agent" });
        this.spans.refused(delivery, traceparent);
      },
      ...(this.options.chaos && { reached: this.standStill(this.options.chaos) }),
    };
  }
}

const notedAttempt = ({
  delivery: { entryId, envelope },
}: Attempt): [taskKey: string, attempt: number, entry: string] => [envelope.taskKey, envelope.attempt, entryId];
