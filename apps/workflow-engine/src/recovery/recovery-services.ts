import type { DatabaseState, DatabaseWatch } from "@agent-hive/persistence";
import { Recurring } from "@agent-hive/service-kit";
import type { HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import type { EventsTrimmer } from "../events/events-trimmer.js";
import type { EpochKeeper } from "./epoch-keeper.js";
import type { InFlightSweeper } from "./in-flight-sweeper.js";
import type { LoadWatch } from "./load-watch.js";
import type { MisplacedKeys } from "./misplaced-keys.js";
import type { OverdueTasks } from "./overdue-tasks.js";
import type { TimerPump } from "./timer-pump.js";

/** How often each runs, in milliseconds. */
const INTERVALS_MS = {
  pump: 100,
  epoch: 250,
  keys: 500,
  load: 1000,
  sweeper: 2000,
  overdue: 5000,
  events: 5000,
} as const;

/** The recovery services at work: each at its interval, and at once when Redis was away. */
export class RecoveryServices {
  private readonly all: Record<keyof typeof INTERVALS_MS, Recurring>;

  constructor(
    private readonly services: {
      pump: TimerPump;
      epoch: EpochKeeper;
      keys: MisplacedKeys;
      load: LoadWatch;
      sweeper: InFlightSweeper;
      overdue: OverdueTasks;
      events: EventsTrimmer;
    },
    private readonly manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly database: DatabaseWatch,
    logger: Logger,
  ) {
    const recurring = (name: keyof typeof INTERVALS_MS): Recurring =>
      new Recurring({ name, intervalMs: INTERVALS_MS[name], runOnce: () => this.run(name), logger });
    this.all = {
      pump: recurring("pump"),
      epoch: recurring("epoch"),
      keys: recurring("keys"),
      load: recurring("load"),
      sweeper: recurring("sweeper"),
      overdue: recurring("overdue"),
      events: recurring("events"),
    };
  }

  start(): void {
    this.manager.on("up", this.afterReconnect);
    this.manager.on("epoch-refused", this.afterRefusal);
    this.member.on("epoch", this.afterNewEpoch);
    this.database.on("changed", this.afterDatabaseChange);
    for (const service of Object.values(this.all)) service.start();
    // What an earlier life left behind is not to wait for an interval.
    this.afterReconnect();
  }

  async stop(): Promise<void> {
    this.manager.off("up", this.afterReconnect);
    this.manager.off("epoch-refused", this.afterRefusal);
    this.member.off("epoch", this.afterNewEpoch);
    this.database.off("changed", this.afterDatabaseChange);
    await Promise.all(Object.values(this.all).map((service) => service.stop()));
  }

  /** Nothing is tried of PostgreSQL while it is known not to answer; everything is when it does again. */
  private async run(name: keyof typeof INTERVALS_MS): Promise<void> {
    if (name !== "events" && this.database.state !== "up") return;
    // It would publish, at the attempts that are lost, what is about to be dispatched at the next ones.
    if (name === "sweeper" && this.services.epoch.isBehind) return;
    await this.services[name].runOnce();
  }

  private readonly afterDatabaseChange = (state: DatabaseState): void => {
    if (state === "up") for (const service of Object.values(this.all)) void service.runNow();
  };

  private readonly afterRefusal = (): void => void this.all.epoch.runNow();

  /** Whoever began it may die before all is dispatched again. */
  private readonly afterNewEpoch = (): void => {
    this.services.epoch.expectLoss();
    void this.all.epoch.runNow();
  };

  private readonly afterReconnect = (): void => {
    void this.all.epoch.runNow().then(() => Promise.all([this.all.load.runNow(), this.all.sweeper.runNow()]));
  };
}
