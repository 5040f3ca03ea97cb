import type { OnApplicationBootstrap, OnApplicationShutdown } from "@nestjs/common";
import { createKeys, type AgentTypes } from "@agent-hive/contracts";
import { loadTargets } from "@agent-hive/measurement";
import { createPool } from "@agent-hive/persistence";
import { Recurring, type Health, type PhasedShutdown } from "@agent-hive/service-kit";
import { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { SERVICE_NAME, type ValidatorSettings } from "./config.js";
import { PerformanceValidator } from "./performance-validator.js";
import { PrimaryRecords } from "./records/primary-records.js";
import { RedisRecords } from "./records/redis-records.js";
import { RunBook } from "./runs/run-book.js";
import { ProcessSampler } from "./sampling/process-sampler.js";

/** One to measure on, one for questions of the time and of health meanwhile. */
const CONNECTIONS = 2;
/** Well within the time for which the hive goes on telling events. */
const ASK_FOR_EVENTS_EVERY_MS = 10_000;

/** What the validator is given by the service that it runs in. */
export interface ValidatorContext {
  agentTypes: AgentTypes;
  logger: Logger;
  health: Health;
  shutdown: PhasedShutdown;
}

/** The validator's parts, wired, started and stopped. Without its stores it answers its health, and waits. */
export class ValidatorProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly validator: PerformanceValidator;
  private readonly pool;
  private readonly manager: RedisStreamsManager;
  private readonly primary: PrimaryRecords;
  private readonly sampler: ProcessSampler;
  private readonly asking: Recurring;

  constructor(
    settings: ValidatorSettings,
    private readonly context: ValidatorContext,
  ) {
    const { agentTypes, logger } = context;
    const { DATABASE_URL: url, HIVE_MEASURED_TASKS: mostTasks } = settings;
    this.pool = createPool({ url, applicationName: SERVICE_NAME, maxConnections: CONNECTIONS, readOnly: true });
    const keys = createKeys(settings.HIVE_KEY_PREFIX);
    this.manager = new RedisStreamsManager({ url: settings.REDIS_URL, keys, logger, name: SERVICE_NAME });
    this.primary = new PrimaryRecords(this.pool, mostTasks);
    const redis = new RedisRecords(this.manager, agentTypes);
    this.sampler = new ProcessSampler({ registrations: () => redis.registrations(), logger });
    const targets = loadTargets(settings.HIVE_TARGETS_FILE);
    const rules = { targets, clockToleranceMs: settings.HIVE_CLOCK_TOLERANCE_MS, mostTasks };
    const sources = { primary: this.primary, redis, sampler: this.sampler };
    this.validator = new PerformanceValidator(sources, rules, new RunBook(), logger);
    const runOnce = (): Promise<void> => this.validator.runOnce();
    this.asking = new Recurring({ name: "asking for events", intervalMs: ASK_FOR_EVENTS_EVERY_MS, runOnce, logger });
  }

  onApplicationBootstrap(): void {
    const { health, shutdown, logger } = this.context;
    shutdown.add("quiet", "sampling", () => this.sampler.stop());
    shutdown.add("quiet", "asking for events", () => this.asking.stop());
    health.add("postgres", async () => void (await this.primary.nowMs()));
    health.add("redis", async () => void (await this.manager.call("PING", [])));
    this.sampler.start();
    this.asking.start();
    this.manager
      .connect()
      .catch((error: unknown) => logger.info("stopped before Redis could be reached", { err: error }));
  }

  /** Nest calls this when the HTTP server is closed, so that no request is cut off from its store. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled([this.pool.end(), this.manager.close()]);
  }
}
