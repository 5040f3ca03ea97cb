/**
 * The router as a member of the hive: its parts, wired, started in the order in which they need each other, and stopped
 * phase by phase. It reads the dispatch stream like any consumer of a group, so what it held when it died is claimed by
 * the next router.
 */
import type { OnApplicationBootstrap, OnApplicationShutdown } from "@nestjs/common";
import { ROUTERS_GROUP, createKeys, type AgentTypes, type StreamEntry } from "@agent-hive/contracts";
import { processName, type Health, type PhasedShutdown } from "@agent-hive/service-kit";
import { GroupConsumer, HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { SERVICE_NAME, type RouterSettings } from "./config.js";
import { RoutingTableFeed } from "./routing/routing-table-feed.js";
import type { RoutingTable } from "./routing/routing-table.js";
import { WorkflowMessageRouter } from "./routing/workflow-message-router.js";

/** Entries asked for at once; each carries up to a hundred tasks. */
const BATCH = 16;
/** Entries in hand: one batch is read while others are being moved. */
const MOST_HELD = 4 * BATCH;
const DRAIN_POLL_MS = 10;

/** What the router is given by the service that it runs in. */
export interface RouterContext {
  agentTypes: AgentTypes;
  table: RoutingTable;
  logger: Logger;
  health: Health;
  shutdown: PhasedShutdown;
}

export class RouterProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly feed: RoutingTableFeed;
  private readonly router: WorkflowMessageRouter;
  private readonly consumer: GroupConsumer;

  constructor(
    settings: RouterSettings,
    private readonly context: RouterContext,
  ) {
    const { agentTypes, table, logger } = context;
    const keys = createKeys(settings.HIVE_KEY_PREFIX);
    const group = { stream: keys.dispatch, group: ROUTERS_GROUP };
    const manager = new RedisStreamsManager({ url: settings.REDIS_URL, keys, logger, name: SERVICE_NAME });
    const agentId = processName(SERVICE_NAME, settings.HIVE_AGENT_ID);
    this.manager = manager;
    this.member = new HiveMember({ manager, service: SERVICE_NAME, agentId, ...group, logger });
    this.feed = new RoutingTableFeed(manager, table, logger);
    this.router = new WorkflowMessageRouter(manager, table, this.feed, logger);
    const agentStreams = agentTypes.groups.map(({ stream }) => keys.stream(stream));
    this.consumer = new GroupConsumer({
      manager,
      member: this.member,
      ...group,
      lostWork: { state: "open", agentTypes: agentTypes.names, alsoIn: agentStreams },
      capacity: () => (this.consumer.heldCount <= MOST_HELD - BATCH ? BATCH : 0),
      onEntries: (entries) => this.route(entries),
      logger,
    });
  }

  /** Starts in the background: without Redis the service answers its health, and waits. */
  onApplicationBootstrap(): void {
    const { health, shutdown, logger } = this.context;
    shutdown.add("quiet", "dispatch", () => this.consumer.quiet());
    shutdown.add("drain", "tasks in hand", () => this.drained());
    shutdown.add("hand-back", "membership", async () => {
      await Promise.all([this.consumer.stop(), this.feed.stop()]);
      await this.member.stop({ goodbye: true });
    });
    health.add("redis", async () => void (await this.manager.call("PING", [])));
    health.add("routing table", () => this.feed.check());
    health.add("dispatch", async () => {
      if (!this.consumer.isLive) throw new Error("The dispatch stream is not being read.");
    });
    this.start().catch((error: unknown) => logger.info("stopped before it had begun", { err: error }));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.manager.close();
  }

  private async start(): Promise<void> {
    this.context.logger.info("waiting for Redis");
    await this.member.start();
    await this.feed.start();
    this.consumer.start();
  }

  private async route(entries: StreamEntry[]): Promise<void> {
    await this.router.route(entries, this.member.identity);
    // Whatever the outcome, an entry that a script has answered for is not ours any more.
    this.consumer.settled(entries.map((entry) => entry.id));
  }

  private async drained(): Promise<void> {
    while (this.consumer.heldCount > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}
