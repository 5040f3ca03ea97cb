import type { OnApplicationShutdown, OnModuleInit } from "@nestjs/common";
import { ENGINES_GROUP, createKeys, type AgentTypes } from "@agent-hive/contracts";
import {
  DatabaseWatch,
  EpochStore,
  WorkflowQueries,
  WorkflowRecords,
  WorkflowStore,
  breakConnections,
  createDataSource,
  createPool,
  poolOf,
  runMigrations,
} from "@agent-hive/persistence";
import { processName, type Health, type PhasedShutdown } from "@agent-hive/service-kit";
import { HiveMember, PeerWatch, RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { GroupWindows } from "./advancing/group-windows.js";
import { ResultsConsumer } from "./advancing/results-consumer.js";
import { TaskBatchExecutor } from "./advancing/task-batch-executor.js";
import { WorkflowStateManager } from "./advancing/workflow-state-manager.js";
import { WorkflowCanceller } from "./cancelling/workflow-canceller.js";
import { SERVICE_NAME, type EngineSettings } from "./config.js";
import { EventFeed } from "./events/event-feed.js";
import { EventsTrimmer } from "./events/events-trimmer.js";
import { EpochKeeper } from "./recovery/epoch-keeper.js";
import { InFlightSweeper } from "./recovery/in-flight-sweeper.js";
import { LoadWatch } from "./recovery/load-watch.js";
import { LostTasks } from "./recovery/lost-tasks.js";
import { MisplacedKeys } from "./recovery/misplaced-keys.js";
import { OverdueTasks } from "./recovery/overdue-tasks.js";
import { RecoveryServices } from "./recovery/recovery-services.js";
import { TimerPump } from "./recovery/timer-pump.js";
import { workGroupsOf } from "./recovery/work-groups.js";
import { requireNoEviction } from "./starting/require-no-eviction.js";
import { tellIfSlow, untilStoreAnswers } from "./starting/patience.js";
import { gaugeEngine } from "./metrics/engine-gauges.js";
import { BacklogGuard } from "./submission/backlog-guard.js";
import { SubmissionPlanner } from "./submission/submission-planner.js";
import { WorkflowSubmitter } from "./submission/workflow-submitter.js";
import { TraceSampling } from "./tracing/trace-sampling.js";
import { WorkflowTraces } from "./tracing/workflow-traces.js";

/** Connections to PostgreSQL for plain reads. */
const READ_CONNECTIONS = 3;

/** What the engine is given by the service that it runs in. */
export interface EngineContext {
  agentTypes: AgentTypes;
  logger: Logger;
  health: Health;
  shutdown: PhasedShutdown;
}

/** The engine's parts, wired; it starts them in the order in which they need each other, and stops them phase by phase. */
export class Engine implements OnModuleInit, OnApplicationShutdown {
  readonly windows: GroupWindows;
  private readonly stopGauges: () => void;
  readonly database: DatabaseWatch;
  readonly store: WorkflowStore;
  readonly queries: WorkflowQueries;
  readonly state: WorkflowStateManager;
  private readonly traces: WorkflowTraces;
  readonly submitter: WorkflowSubmitter;
  readonly canceller: WorkflowCanceller;
  readonly feed: EventFeed;
  private readonly pool;
  private readonly dataSource;
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly results: ResultsConsumer;
  private readonly epochKeeper: EpochKeeper;
  private readonly misplacedKeys: MisplacedKeys;
  private readonly recovery: RecoveryServices;
  private readonly peers: PeerWatch;

  constructor(
    private readonly settings: EngineSettings,
    private readonly context: EngineContext,
  ) {
    const { agentTypes, logger } = context;
    const keys = createKeys(settings.HIVE_KEY_PREFIX);
    const database = { url: settings.DATABASE_URL, applicationName: SERVICE_NAME };
    this.pool = createPool({ ...database, maxConnections: settings.HIVE_DATABASE_CONNECTIONS });
    this.dataSource = createDataSource({ ...database, maxConnections: READ_CONNECTIONS });
    this.database = new DatabaseWatch(database);
    this.store = new WorkflowStore(this.pool, { agentTypes });
    this.queries = new WorkflowQueries(this.dataSource, settings.HIVE_TRACE_URL);
    this.manager = new RedisStreamsManager({ url: settings.REDIS_URL, keys, logger, name: SERVICE_NAME });
    this.member = new HiveMember({
      manager: this.manager,
      service: SERVICE_NAME,
      agentId: processName(SERVICE_NAME, settings.HIVE_AGENT_ID),
      group: ENGINES_GROUP,
      stream: keys.results,
      ...httpUrlOf(settings),
      logger,
    });
    this.peers = new PeerWatch({ manager: this.manager, member: this.member, mode: "peer" });
    this.windows = new GroupWindows(agentTypes.names, settings.HIVE_WINDOW_MINIMUM);
    this.traces = new WorkflowTraces(
      new WorkflowRecords(this.pool),
      (agentType) => agentTypes.groupsOf(agentType)[0]!,
      logger,
    );
    this.state = new WorkflowStateManager(this.store, this.windows, this.traces);
    const executor = new TaskBatchExecutor(this.manager, this.member, this.windows, this.store);
    const pump = new TimerPump(this.state, executor);
    const backlog = new BacklogGuard(this.store, settings.HIVE_BACKLOG_LIMIT);
    this.stopGauges = gaugeEngine(this.windows, backlog);
    this.submitter = new WorkflowSubmitter(
      new SubmissionPlanner(agentTypes, new TraceSampling(settings)),
      this.state,
      executor,
      backlog,
      pump,
      logger,
    );
    this.canceller = new WorkflowCanceller(this.state, executor, this.manager, logger);
    this.feed = new EventFeed(this.manager, logger);
    this.results = new ResultsConsumer(
      this.manager,
      this.member,
      this.database,
      this.state,
      executor,
      pump,
      agentTypes.names,
      logger,
    );
    this.epochKeeper = new EpochKeeper(
      new EpochStore(this.pool),
      new LostTasks(this.state, executor, settings.HIVE_REDISPATCH_PER_SECOND),
      this.manager,
      workGroupsOf(agentTypes, keys),
      logger,
    );
    this.misplacedKeys = new MisplacedKeys(this.manager, agentTypes, logger);
    const services = {
      pump,
      epoch: this.epochKeeper,
      keys: this.misplacedKeys,
      load: new LoadWatch(this.manager, this.windows, backlog, pump),
      sweeper: new InFlightSweeper(this.store, this.manager, this.member, executor, this.windows),
      overdue: new OverdueTasks(this.store, this.manager, agentTypes, this.state, executor, logger),
      events: new EventsTrimmer(this.manager),
    };
    this.recovery = new RecoveryServices(services, this.manager, this.member, this.database, logger);
  }

  /** @throws what makes it impossible to start, with everything closed; waits for stores that cannot be reached yet. */
  async onModuleInit(): Promise<void> {
    this.addShutdownPhases();
    try {
      await this.start();
    } catch (error) {
      await this.context.shutdown.stop();
      await this.onApplicationShutdown();
      throw error;
    }
  }

  /** Nest calls this when the HTTP server is closed, so that no request is cut off from its store. */
  async onApplicationShutdown(): Promise<void> {
    this.stopGauges();
    const reading = this.dataSource.isInitialized ? this.dataSource.destroy() : Promise.resolve();
    await Promise.allSettled([this.pool.end(), this.manager.close(), reading, this.database.stop()]);
  }

  private async start(): Promise<void> {
    const { logger } = this.context;
    const warn = (message: string): void => logger.warn(message);
    const migrated = untilStoreAnswers(() => runMigrations(this.settings.DATABASE_URL, { warn }), logger);
    await Promise.all([migrated, tellIfSlow("Redis", this.manager.connect(), logger)]);
    await this.dataSource.initialize();
    this.watchDatabase();
    await requireNoEviction((command, args) => this.manager.call(command, args));
    await this.misplacedKeys.runOnce();
    // The epoch comes before the member: nothing is registered under an unknown one.
    await this.epochKeeper.establish();
    await this.member.start();
    this.results.start();
    this.recovery.start();
    this.peers.start();
    this.addHealthChecks();
  }

  /** Who waits for a silent PostgreSQL is told at once, as if the connection had been lost. */
  private watchDatabase(): void {
    this.database.on("changed", (state, reason) => {
      if (state === "up") return this.context.logger.info("PostgreSQL takes writes");
      this.context.logger.warn("PostgreSQL takes no writes", { state, err: reason });
      if (state !== "away") return;
      breakConnections(this.pool);
      breakConnections(poolOf(this.dataSource));
    });
    this.database.start();
  }

  private addShutdownPhases(): void {
    const { shutdown } = this.context;
    shutdown.add("quiet", "results", () => this.results.quiet());
    shutdown.add("quiet", "recovery", () => this.recovery.stop());
    shutdown.add("quiet", "watching peers", () => this.peers.stop());
    shutdown.add("drain", "submissions", () => this.submitter.settled());
    shutdown.add("drain", "results in hand", () => this.results.drained());
    shutdown.add("hand-back", "traces", () => this.traces.drained());
    shutdown.add("drain", "onlookers", () => this.feed.close());
    // The goodbye comes after the reading: what is handed over later would be nobody's.
    shutdown.add("hand-back", "membership", async () => {
      await this.results.stop();
      await this.member.stop({ goodbye: true });
    });
  }

  private addHealthChecks(): void {
    const { health } = this.context;
    health.add("postgres", async () => this.database.check("write"));
    health.add("redis", async () => void (await this.manager.call("PING", [])));
  }
}

/** Where others reach this engine; unknown here if the system chooses the port. */
function httpUrlOf({ HIVE_HTTP_HOST, HIVE_HTTP_PORT }: EngineSettings): { httpUrl?: string } {
  return HIVE_HTTP_PORT === 0 ? {} : { httpUrl: `http://${HIVE_HTTP_HOST}:${HIVE_HTTP_PORT}` };
}
