import { Inject, Injectable, type OnApplicationBootstrap } from "@nestjs/common";
import { Health, LOGGER, PhasedShutdown } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { AgentRuntime } from "./agent-runtime.js";

/** Injection token of the milliseconds for which running tasks may go on when the agent is stopped. */
export const DRAIN_MS = Symbol("drainMs");

// Together less than the two seconds within which the process ends after the drain, whatever its handlers do.
const HAND_BACK_LIMIT_MS = 1200;
const CLOSE_LIMIT_MS = 500;

/** Starts the agent with its application, stops it phase by phase, and tells of its health. */
@Injectable()
export class AgentLifecycle implements OnApplicationBootstrap {
  constructor(
    private readonly runtime: AgentRuntime,
    private readonly health: Health,
    private readonly shutdown: PhasedShutdown,
    @Inject(DRAIN_MS) private readonly drainMs: number,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.health.add("redis", () => this.runtime.checkRedis());
    this.health.add("handlers", () => this.checkStrays());
    this.shutdown.add("quiet", "agent", () => this.runtime.quiet());
    this.shutdown.add("drain", "agent", () => this.runtime.drain(), this.drainMs);
    this.shutdown.add("hand-back", "agent", () => this.runtime.handBack(), HAND_BACK_LIMIT_MS);
    this.shutdown.add("close", "agent", () => this.runtime.close(), CLOSE_LIMIT_MS);
    await this.runtime.start();
    const { agentType, group, handlers, slots, incarnation } = this.runtime.status;
    this.logger.info("agent started", { agentType, group, handlers, slots, incarnation });
  }

  /** Down once as many handlers ignore their signal as there are slots: the process is full of them and needs a restart. */
  private async checkStrays(): Promise<void> {
    const { strays, slots } = this.runtime.status;
    if (strays >= slots) throw new Error(`${strays} stopped handlers still run; ${slots} tasks run at once here.`);
  }
}
