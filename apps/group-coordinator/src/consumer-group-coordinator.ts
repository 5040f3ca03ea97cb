/**
 * Owns the groups: creates them, says what they look like, and sees to it that nobody who died keeps their work.
 *
 * Every coordinator watches, one leads and acts. What it leaves to others: live consumers claim the entries of the dead
 * (`GroupConsumer`); who is dead is decided by the domain's rules (`PeerWatch` takes the looks and carries verdicts out).
 * All that it writes is refused by Redis if it is dead itself, or a newer leader has written (keeps I3, I7).
 */
import type { OnApplicationBootstrap, OnApplicationShutdown } from "@nestjs/common";
import { createKeys, type AgentTypes } from "@agent-hive/contracts";
import { type Health, type PhasedShutdown, Recurring, processName } from "@agent-hive/service-kit";
import { COORDINATOR_SERVICE, HiveMember, PeerWatch, RedisStreamsManager, type Death } from "@agent-hive/streams";
import { count, type Logger } from "@agent-hive/telemetry";
import type { CoordinatorSettings } from "./config.js";
import { GroupKeeper } from "./groups/group-keeper.js";
import { GroupGauges } from "./metrics/group-gauges.js";
import { GroupStatusPublisher } from "./groups/group-status-publisher.js";
import { plannedGroups } from "./groups/planned-groups.js";
import { Leadership, type LeadershipState } from "./leadership/leadership.js";
import { CoordinatorQueries } from "./queries/coordinator-queries.js";
import { DeadRecordTrimmer } from "./verdicts/dead-record-trimmer.js";
import { VerdictLedger } from "./verdicts/verdict-ledger.js";
import { WedgedMembers } from "./verdicts/wedged-members.js";

/** Between two looks at who is alive: half of a recovery's aim of 100 ms. */
const WATCH_MS = 50;
/** Between two looks at the registry for the status of groups: engines and routers read it every 250 ms. */
const STATUS_MS = 100;
const GROUPS_MS = 250;
const TRIM_MS = 600_000;
/** PostgreSQL cuts a connection's name at 63 characters, of which the incarnation takes 13. */
const LONGEST_NAME = 50;

/** What the coordinator is given by the service that it runs in. */
export interface CoordinatorContext {
  agentTypes: AgentTypes;
  logger: Logger;
  health: Health;
  shutdown: PhasedShutdown;
}

export class ConsumerGroupCoordinator implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly queries: CoordinatorQueries;
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly elections: Leadership;
  private readonly leading: PeerWatch;
  private readonly following: PeerWatch;
  private readonly keeper: GroupKeeper;
  private readonly publisher: GroupStatusPublisher;
  private readonly gauges: GroupGauges;
  private readonly trimmer: DeadRecordTrimmer;
  private readonly ledger = new VerdictLedger();
  private readonly wedged = new WedgedMembers();
  private readonly loops: Record<"watching" | "status" | "groups" | "trimming", Recurring>;

  constructor(
    settings: CoordinatorSettings,
    private readonly context: CoordinatorContext,
  ) {
    const { agentTypes, logger } = context;
    const keys = createKeys(settings.HIVE_KEY_PREFIX);
    const groups = plannedGroups(agentTypes, keys);
    const manager = new RedisStreamsManager({ url: settings.REDIS_URL, keys, logger, name: COORDINATOR_SERVICE });
    const agentId = processName(COORDINATOR_SERVICE, settings.HIVE_AGENT_ID, LONGEST_NAME);
    const member = new HiveMember({ manager, service: COORDINATOR_SERVICE, agentId, logger });
    this.manager = manager;
    this.member = member;
    this.elections = new Leadership({
      databaseUrl: settings.DATABASE_URL,
      scope: settings.HIVE_KEY_PREFIX,
      holder: () => member.identity.incarnation,
      highestTerm: () => this.highestTerm(),
      isDead: async (holder) => (await manager.deadAmong([holder])).has(holder),
      logger,
    });
    const term = (): number | undefined => this.elections.state.term;
    this.leading = new PeerWatch({ manager, member, mode: "coordinator", term, groups: () => groups, logger });
    this.following = new PeerWatch({ manager, member, mode: "peer", intervalMs: WATCH_MS, logger });
    this.keeper = new GroupKeeper(manager, groups, logger);
    this.publisher = new GroupStatusPublisher(manager, agentTypes.groups);
    this.gauges = new GroupGauges(
      () => term() !== undefined,
      () => this.publisher.published,
    );
    this.trimmer = new DeadRecordTrimmer(
      manager,
      groups.map((group) => group.group),
    );
    this.queries = new CoordinatorQueries(manager, agentTypes, this.ledger, this.wedged);
    const loop = (name: string, intervalMs: number, runOnce: () => Promise<unknown>): Recurring =>
      new Recurring({ name, intervalMs, runOnce, logger });
    this.loops = {
      watching: loop("watching members", WATCH_MS, () => this.watch()),
      status: loop("publishing the groups' status", STATUS_MS, () => this.publishStatus()),
      groups: loop("keeping groups", GROUPS_MS, () => this.keepGroups()),
      trimming: loop("forgetting the long dead", TRIM_MS, () => this.trim()),
    };
    this.listen();
  }

  /** Who leads, as far as this coordinator is concerned. */
  get leadership(): LeadershipState {
    return this.elections.state;
  }

  /** Starts in the background: without stores the service answers its health, and waits for them. */
  onApplicationBootstrap(): void {
    const { health, shutdown, logger } = this.context;
    shutdown.add("quiet", "coordination", () => this.quiet());
    shutdown.add("hand-back", "membership", () => this.member.stop({ goodbye: true }));
    health.add("redis", async () => void (await this.manager.call("PING", [])));
    health.add("membership", async () => {
      if (!this.member.isRegistered) throw new Error("This coordinator is not registered yet.");
    });
    health.add("groups", () => this.loops.groups.check());
    health.add("status", () => this.loops.status.check());
    this.start().catch((error: unknown) => logger.info("stopped before it had begun", { err: error }));
  }

  async onApplicationShutdown(): Promise<void> {
    this.gauges.stop();
    await this.manager.close();
  }

  private async start(): Promise<void> {
    this.context.logger.info("waiting for Redis and PostgreSQL");
    await this.member.start();
    this.elections.start();
    for (const loop of Object.values(this.loops)) {
      loop.start();
      void loop.runNow();
    }
  }

  private async quiet(): Promise<void> {
    await Promise.all(Object.values(this.loops).map((loop) => loop.stop()));
    await this.elections.stop();
  }

  private listen(): void {
    const { member, elections, loops, publisher } = this;
    // Under its old name it may have been unseated, or soon will be.
    member.on("renewed", () => void elections.restart());
    member.on("renewed", () => publisher.forget());
    member.on("epoch", () => publisher.forget());
    member.on("control", (message) => message.type === "dead" && void loops.status.runNow());
    elections.on("changed", () => publisher.forget());
    elections.on("changed", () => void loops.groups.runNow());
    for (const watch of [this.leading, this.following]) {
      watch.on("dead", (death) => this.onDeath(death));
      watch.on("wedged", (registration, evidence) => void this.onWedged(registration.incarnation, evidence));
    }
    this.leading.on("removed", (group, consumers) => {
      this.ledger.removed(consumers);
      this.context.logger.info("consumers of dead processes removed", { group, consumers });
    });
  }

  /** A follower judges its fellow coordinators only: a frozen leader would hold its lock for ever. */
  private async watch(): Promise<void> {
    await (this.elections.state.term === undefined ? this.following : this.leading).runOnce();
  }

  private async publishStatus(): Promise<void> {
    const { term } = this.elections.state;
    if (term === undefined || this.isBeforeFirstEpoch) return;
    if (await this.publisher.runOnce(this.member.identity, term)) return;
    this.context.logger.warn("a newer leader has written; competing again", { term });
    await this.elections.restart();
  }

  private async keepGroups(): Promise<void> {
    if (this.elections.state.term === undefined) return;
    const infos = await this.keeper.runOnce();
    const held = [...infos.values()].flatMap((info) =>
      info.consumers.map(({ name, pending }) => [name, pending] as const),
    );
    this.ledger.lookedAt(held);
    this.gauges.lookedAt(infos);
  }

  private async trim(): Promise<void> {
    if (this.elections.state.term === undefined) return;
    const forgotten = await this.trimmer.runOnce();
    if (forgotten > 0) this.context.logger.info("the long dead are forgotten", { forgotten });
  }

  private onDeath(death: Death): void {
    const { registration, kind, evidence } = death;
    const { incarnation, agentId, group } = registration;
    count("hive_members_declared_dead_total", { service: registration.service, kind });
    const { execution } = this.ledger.record(death, this.member.identity.incarnation);
    this.context.logger.warn("declared dead", { incarnation, agentId, group, kind, evidence, ...execution });
  }

  private async onWedged(incarnation: string, evidence: string): Promise<void> {
    this.context.logger.warn("a main loop stands still; its task's timeout ends that", { incarnation, evidence });
    const heartbeats = await this.manager.heartbeats().catch(() => new Map<string, never>());
    this.wedged.note(incarnation, heartbeats.get(incarnation));
  }

  /** The engine writes the first epoch when it starts; before, every fenced write is refused, and there is nothing to say. */
  private get isBeforeFirstEpoch(): boolean {
    return this.manager.epoch === "";
  }

  private async highestTerm(): Promise<number> {
    const { keys } = this.manager;
    // Unknown is as good as 0: if it was higher, the first write tells, and the next term is above it.
    return Number(await this.manager.call("GET", [keys.term]).catch(() => null)) || 0;
  }
}
