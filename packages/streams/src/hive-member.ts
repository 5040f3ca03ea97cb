/**
 * This process as a member of the hive: registered, beating, listening to the control stream. It lives one incarnation
 * after another: declared dead, or forgotten with all of Redis's data, it registers as a new one. What the old one held
 * is dropped by whoever listens to `renewed` (keeps I3: the scripts refuse the old one anyway).
 *
 * Leaves reading to `GroupConsumer`, and judging others to `PeerWatch`.
 */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { hostname } from "node:os";
import type { ControlMessage, Registration } from "@agent-hive/contracts";
import { crashPoint } from "@agent-hive/proof";
import type { Logger } from "@agent-hive/telemetry";
import { ControlReader } from "./control-reader.js";
import { DeclaredDeadError } from "./errors.js";
import { HeartbeatThread } from "./heartbeat.js";
import type { FromHeartbeat, RunningTask } from "./heartbeat-protocol.js";
import { insist } from "./insist.js";
import { ProcessConnections } from "./process-connections.js";
import type { ConnectionIdentity, RedisConnection } from "./redis-connection.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import type { MemberIdentity } from "./types.js";

/** Six of these without advance make a freeze, so detection takes 1.5 s. */
export const DEFAULT_HEARTBEAT_MS = 250;
/** Tasks beyond the slots that the heartbeat can tell of: slots may be raised later, and what ends and starts overlaps. */
const SPARE_TASKS = 1_000;
/** When `start` tells that the heartbeat thread is late. */
const HEARTBEAT_LATE_MS = 2_000;

export interface HiveMemberOptions {
  manager: RedisStreamsManager;
  /** Name of the service, e.g. "router". */
  service: string;
  /** Stable over the lives of this process slot. */
  agentId: string;
  agentType?: string;
  /** The consumer group that it reads, if any, and the stream's name in Redis. */
  group?: string;
  stream?: string;
  /** Tasks at once. Default 0. */
  slots?: number;
  handlers?: string[];
  httpUrl?: string;
  /** Default 250 ms. */
  heartbeatMs?: number;
  logger?: Logger;
}

/** Why there is a new incarnation. */
export type RenewalReason = "declared-dead" | "wiped";

interface HiveMemberEvents {
  /** A new incarnation took over; all work of the old one is to be dropped now. */
  renewed: [identity: MemberIdentity, why: RenewalReason, old: Registration];
  control: [message: ControlMessage];
  /** Redis is at this epoch from now on (not the one known before); work of the old one is to be dropped. */
  epoch: [epoch: string];
  /** Redis knows this member: comes with every heartbeat. `abandoned` dead consumers of the group may hold entries. */
  beat: [abandoned: number];
}

export class HiveMember extends EventEmitter<HiveMemberEvents> {
  private readonly manager: RedisStreamsManager;
  private readonly logger: Logger;
  private readonly heartbeat: HeartbeatThread;
  private readonly controlConnection: RedisConnection;
  private readonly control: ControlReader;
  private readonly connections = new ProcessConnections();
  private readonly stopping = new AbortController();
  private registration: Registration;
  private registered = unhandled(Promise.withResolvers<void>());
  private state: "new" | "registering" | "registered" | "stopped" = "new";
  private isUpToDate = false;
  private updating: Promise<void> | undefined;

  constructor(private readonly options: HiveMemberOptions) {
    super();
    const { manager, heartbeatMs = DEFAULT_HEARTBEAT_MS } = options;
    this.manager = manager;
    this.logger = options.logger ?? manager.logger;
    this.registration = this.newRegistration();
    const { epoch, dead, incarnations, heartbeats, onlookers } = manager.keys;
    const setting = {
      url: manager.url,
      name: `${options.agentId}:heartbeat`,
      commandTimeoutMs: manager.commandTimeoutMs,
      heartbeatMs,
      keys: { epoch, dead, incarnations, heartbeats, onlookers },
    };
    this.heartbeat = new HeartbeatThread(setting, (options.slots ?? 0) + SPARE_TASKS);
    this.controlConnection = manager.openConnection(`${options.agentId}:control`);
    this.control = new ControlReader(this.controlConnection, manager.keys.control, this.logger);
    this.listen();
  }

  /** Who this process is now. Changes with every renewal: ask each time. */
  get identity(): MemberIdentity {
    const { incarnation, agentId, service, group } = this.registration;
    return { incarnation, agentId, service, ...(group !== undefined && { group }) };
  }

  /** Registers and begins to beat and listen. Waits for Redis, however long. */
  async start(): Promise<void> {
    if (this.state !== "new") return;
    this.state = "registering";
    await this.manager.connect();
    if (this.stopping.signal.aborted) return;
    if (this.manager.identity) this.addConnection(this.manager.identity);
    await Promise.all([this.control.start(), this.startHeartbeat()]);
    if (this.stopping.signal.aborted) return;
    await this.register();
  }

  /**
   * Ends this membership. Stop the consumers first.
   *
   * @param options.goodbye tells the others, so that what is still held is taken over at once and charged to nobody.
   *   Default true.
   */
  async stop({ goodbye = true }: { goodbye?: boolean } = {}): Promise<void> {
    if (this.state === "stopped") return;
    const wasRegistered = this.state === "registered";
    this.state = "stopped";
    this.stopping.abort();
    this.forbidReading();
    this.control.stop();
    await this.heartbeat.stop();
    if (goodbye && wasRegistered) await this.takeLeave();
  }

  /** Whether the present incarnation is registered. */
  get isRegistered(): boolean {
    return this.state === "registered";
  }

  /** Resolves once the present incarnation is registered: reading comes after. Rejects when the member has stopped. */
  async whenRegistered(): Promise<void> {
    await this.registered.promise;
  }

  /** Tells the heartbeat that a task runs, before its handler may block the main loop. */
  taskStarted(task: RunningTask): void {
    this.heartbeat.started([task]);
  }

  /** The same for a whole batch, in one message. */
  tasksStarted(tasks: RunningTask[]): void {
    this.heartbeat.started(tasks);
  }

  taskEnded(entryId: string): void {
    this.heartbeat.endedTask(entryId);
  }

  /** One more connection of this process: all of them gone at once is how a crash shows. */
  addConnection(identity: ConnectionIdentity): void {
    this.connections.add(identity);
    this.updateRegistration();
  }

  removeConnection(identity: ConnectionIdentity): void {
    this.connections.remove(identity);
    this.updateRegistration();
  }

  /** Changes what the registration says of this process. */
  describe(change: { slots?: number; handlers?: string[]; httpUrl?: string }): void {
    Object.assign(this.registration, change);
    this.updateRegistration();
  }

  /** An incarnation was seen in the dead set: renews if it is the present one. */
  noticeDeath(incarnation: string): void {
    if (incarnation === this.registration.incarnation) void this.renew("declared-dead");
  }

  /** Waits for its connection, or the end: one that registers without a heart that beats is soon taken for frozen. */
  private async startHeartbeat(): Promise<void> {
    const up = Promise.withResolvers<void>();
    this.heartbeat.once("up", () => up.resolve());
    this.stopping.signal.addEventListener("abort", () => up.resolve(), { once: true });
    const late = setTimeout(() => this.logger.warn("the heartbeat thread is late"), HEARTBEAT_LATE_MS);
    this.heartbeat.start();
    await up.promise;
    clearTimeout(late);
  }

  private listen(): void {
    for (const connection of [this.manager, this.controlConnection, this.heartbeat] as const) {
      connection.on("up", (identity: ConnectionIdentity) => this.addConnection(identity));
      connection.on("down", (identity: ConnectionIdentity) => this.removeConnection(identity));
    }
    this.heartbeat.on("beat", (reply) => this.onBeat(reply));
    this.heartbeat.on("trouble", (error) => this.logger.error("the heartbeat thread died", { err: error }));
    this.control.on("message", (message) => this.onControl(message));
    this.manager.on("dead-refused", (incarnation) => this.noticeDeath(incarnation));
    this.manager.on("epoch-refused", () => void this.readEpoch());
  }

  private onBeat(beat: Extract<FromHeartbeat, { type: "beat" }>): void {
    const { incarnation, status, epoch, abandoned } = beat;
    if (this.state !== "registered" || incarnation !== this.registration.incarnation) return;
    if (status === "DEAD") void this.renew("declared-dead");
    if (status === "UNKNOWN") void this.renew("wiped");
    this.adoptEpoch(epoch);
    if (status !== "OK") return;
    this.manager.hasOnlookers = beat.hasOnlookers;
    this.emit("beat", abandoned);
  }

  private onControl(message: ControlMessage): void {
    if (message.type === "epoch") this.adoptEpoch(message.epoch);
    if (message.type === "dead") this.noticeDeath(message.incarnation);
    if (message.type === "onlookers") this.manager.hasOnlookers = true;
    this.emit("control", message);
  }

  private async takeLeave(): Promise<void> {
    try {
      await this.manager.sayGoodbye(this.registration, "it said goodbye");
      crashPoint("goodbye.said");
    } catch (error) {
      this.logger.warn("could not say goodbye; others will notice", { err: error });
    }
  }

  private forbidReading(): void {
    const error = new Error("The member has stopped.");
    this.registered.reject(error); // whoever waits; without effect if it is registered
    this.registered = unhandled(Promise.withResolvers<void>());
    this.registered.reject(error);
  }

  private async readEpoch(): Promise<void> {
    try {
      this.adoptEpoch((await this.manager.readEpoch()) ?? "");
    } catch {
      // The next heartbeat brings it.
    }
  }

  private adoptEpoch(epoch: string): void {
    if (epoch === "" || epoch === this.manager.epoch) return;
    this.manager.adoptEpoch(epoch);
    this.emit("epoch", epoch);
  }

  private async renew(why: RenewalReason): Promise<void> {
    if (this.state !== "registered") return;
    this.state = "registering";
    this.registered = unhandled(Promise.withResolvers<void>());
    const old = this.registration;
    this.registration = this.newRegistration(old);
    this.logger.warn("a new incarnation takes over", {
      why,
      old: old.incarnation,
      incarnation: this.registration.incarnation,
    });
    this.emit("renewed", this.identity, why, old);
    // Whatever was still handed to the old one meanwhile becomes claimable.
    await this.insist(() => this.manager.sayGoodbye(old, `it found itself ${why}`));
    crashPoint("incarnation.given-up");
    await this.register();
  }

  private async register(): Promise<void> {
    const first = { counter: 0, mainLoop: 0, held: [], rssBytes: process.memoryUsage.rss() };
    const epoch = await this.insist(async () => {
      this.listConnections();
      this.isUpToDate = true;
      const reply = await this.manager.register(this.registration, first);
      if (reply.status !== "DEAD") return reply.epoch;
      // Its consumer was found without a registration and put away.
      this.registration = this.newRegistration(this.registration);
      throw new DeclaredDeadError("register", this.registration.incarnation);
    });
    if (this.stopping.signal.aborted) return this.takeLeave();
    crashPoint("member.registered");
    this.state = "registered";
    const { incarnation, group } = this.registration;
    // Without a group there is nothing abandoned to be told of: a key that never exists.
    this.heartbeat.beatFor(incarnation, this.manager.keys.abandoned(group ?? ""));
    this.adoptEpoch(epoch ?? "");
    this.registered.resolve();
    if (!this.isUpToDate) this.updateRegistration();
  }

  private updateRegistration(): void {
    this.isUpToDate = false;
    if (this.state !== "registered") return; // registering writes it as a whole
    this.updating ??= this.bringUpToDate().finally(() => (this.updating = undefined));
  }

  private async bringUpToDate(): Promise<void> {
    while (!this.isUpToDate && this.state === "registered") {
      await this.insist(async () => {
        this.listConnections();
        this.isUpToDate = true;
        const { incarnation } = this.registration;
        try {
          const { status } = await this.manager.register(this.registration);
          if (incarnation !== this.registration.incarnation) return;
          if (status === "UNKNOWN") void this.renew("wiped");
          if (status === "DEAD") void this.renew("declared-dead");
        } catch (error) {
          this.isUpToDate = false;
          throw error;
        }
      });
    }
  }

  private listConnections(): void {
    const { runId } = this.manager;
    Object.assign(this.registration, { runId, connections: this.connections.idsOf(runId) });
  }

  private insist<T>(action: () => Promise<T>): Promise<T | undefined> {
    return insist(action, this.stopping.signal, this.logger);
  }

  private newRegistration(before?: Registration): Registration {
    const { service, agentId, agentType, group, stream, slots = 0, handlers = [], httpUrl } = this.options;
    return {
      service,
      agentId,
      ...(agentType !== undefined && { agentType }),
      ...(group !== undefined && { group }),
      ...(stream !== undefined && { stream }),
      slots: before?.slots ?? slots,
      handlers: before?.handlers ?? handlers,
      ...((before?.httpUrl ?? httpUrl) !== undefined && { httpUrl: before?.httpUrl ?? httpUrl }),
      incarnation: `${agentId.replaceAll(/[^\w.-]/g, "_")}.${randomBytes(6).toString("hex")}`,
      pid: process.pid,
      host: hostname(),
      registeredAt: new Date().toISOString(),
      runId: this.manager.runId,
      connections: [],
    };
  }
}

/** Nobody may be waiting when it is rejected. */
function unhandled<T>(resolvers: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
