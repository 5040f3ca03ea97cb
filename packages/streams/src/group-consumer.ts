/**
 * Reads a consumer group for this process: what a lost connection left in its own pending list first, then what dead
 * consumers left behind, then what is new; and of all this never more than there is room for.
 *
 * It acknowledges nothing: whoever handles the entries does, by script, and then tells `settled`. It survives whatever
 * befalls connection, server, stream or group, and reads again within a second of their return (keeps I10).
 */
import { EventEmitter } from "node:events";
import type { Registration, StreamEntry } from "@agent-hive/contracts";
import { crashPoint, history } from "@agent-hive/proof";
import { count as addTo, type Logger } from "@agent-hive/telemetry";
import { reconnectDelayMs, retryDelayMs } from "./backoff.js";
import { pause } from "./delay.js";
import { DeclaredDeadError } from "./errors.js";
import { GroupReader, LATE_MS } from "./group-reader.js";
import type { HiveMember, RenewalReason } from "./hive-member.js";
import { notedEntries } from "./notes.js";
import type { ConnectionIdentity, RedisConnection } from "./redis-connection.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import { ENTRIES_PER_SCRIPT } from "./script-port.js";
import type { ClaimReport, LostWork, MemberIdentity } from "./types.js";

const DEFAULT_BLOCK_MS = 1_000;
/** Between two looks at the own pending list: longer than a reply is on its way. */
const MEND_EVERY_MS = 1_000;
/** How often to ask again for the end of a read that was not blocked yet when it was to be ended. */
const UNBLOCK_AGAIN_MS = 2;
const STOP_LIMIT_MS = 1_000;

export interface GroupConsumerOptions {
  manager: RedisStreamsManager;
  member: HiveMember;
  /** Name in Redis. */
  stream: string;
  group: string;
  /** For the group of an agent type: started deliveries of the dead are charged as crashes. */
  agentType?: string;
  /** What is lost with the stream, should it be deleted: see `RedisStreamsManager.ensureGroup`. */
  lostWork?: LostWork;
  /** How many entries to ask for now; 0 asks for nothing until `wake` or `settled`. Called after each hand-over. */
  capacity: () => number;
  /**
   * Takes entries over. They are held, and never handed over twice, until `settled` names them. If it rejects, those
   * not settled are handed over again after a pause.
   */
  onEntries: (entries: StreamEntry[]) => Promise<void>;
  /** How long a read waits in Redis, in milliseconds. Default 1,000. */
  blockMs?: number;
  logger?: Logger;
}

interface GroupConsumerEvents {
  /** Entries of dead consumers were taken over. */
  claimed: [report: ClaimReport];
}

export class GroupConsumer extends EventEmitter<GroupConsumerEvents> {
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly logger: Logger;
  private readonly connection: RedisConnection;
  private readonly reader: GroupReader;
  private readonly blockMs: number;
  private readonly quieting = new AbortController();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private waking = Promise.withResolvers<void>();
  private held = new Set<string>();
  /** Own pending entries to be handed over when there is room. */
  private backlog: StreamEntry[] = [];
  private mustRecover = true;
  /** Earlier lives of this process, whose blocked reads may have taken entries after they were given up. */
  private readonly earlierLives: Registration[] = [];
  private mayClaim = true;
  /** The read that is under way; each is another object. */
  private reading: object | undefined;
  private readSinceMs = -Infinity;
  private lastMendMs = -Infinity;
  /** Pending here and held nowhere, at the last look. */
  private unheld = new Set<string>();

  constructor(private readonly options: GroupConsumerOptions) {
    super();
    const { manager, member, group } = options;
    this.manager = manager;
    this.member = member;
    this.blockMs = options.blockMs ?? DEFAULT_BLOCK_MS;
    this.logger = (options.logger ?? manager.logger).child({ group });
    this.connection = manager.openConnection(`${member.identity.agentId}:${group}`);
    this.reader = new GroupReader(this.connection, options);
    this.connection.on("up", (identity) => this.onUp(identity));
    this.connection.on("down", (identity) => this.onDown(identity));
  }

  /** Ids handed over and not settled yet. */
  get heldCount(): number {
    return this.held.size;
  }

  /** Whether Redis has answered a read lately, or none is wanted for lack of room. */
  get isLive(): boolean {
    return (
      !this.mustRecover &&
      (this.reading === undefined || performance.now() - this.readSinceMs < 2 * this.blockMs + LATE_MS)
    );
  }

  /** Begins to read, as soon as the member is registered. */
  start(): void {
    if (this.running || this.quieting.signal.aborted) return;
    this.member.on("renewed", this.onRenewed);
    this.member.on("epoch", this.onEpoch);
    this.member.on("control", this.onControl);
    this.member.on("beat", this.onBeat);
    this.running = this.run();
  }

  /** Takes no new entries from now on; what is held goes on. */
  quiet(): void {
    if (this.quieting.signal.aborted) return;
    this.quieting.abort();
    this.wake();
    void this.interruptRead();
  }

  /** Quiet, then closes the connection. Entries still held stay pending. May be called twice, or before `start`. */
  async stop(): Promise<void> {
    this.quiet();
    await Promise.race([this.running, pause(STOP_LIMIT_MS, this.stopping.signal)]);
    this.stopping.abort();
    this.member.off("renewed", this.onRenewed);
    this.member.off("epoch", this.onEpoch);
    this.member.off("control", this.onControl);
    this.member.off("beat", this.onBeat);
    this.connection.close();
    await this.running;
  }

  /** There may be room (again). */
  wake(): void {
    this.waking.resolve();
  }

  /** Forgets entries that were acknowledged, or lost to another: their ids are no longer held. */
  settled(ids: Iterable<string>): void {
    for (const id of ids) this.held.delete(id);
    this.wake();
  }

  // ── The loop ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private async run(): Promise<void> {
    for (let failures = 0; !this.quieting.signal.aborted;) {
      try {
        await this.turn();
        failures = 0;
      } catch (error) {
        if (this.quieting.signal.aborted) return;
        failures += 1;
        await this.onFailure(error as Error, failures);
      }
    }
  }

  private async turn(): Promise<void> {
    if (!this.member.isRegistered) await Promise.race([this.member.whenRegistered(), this.quieted()]);
    await this.connection.connect();
    if (!this.member.isRegistered) return;
    if (this.mustRecover) return this.recover();
    this.waking = Promise.withResolvers();
    const room = Math.max(0, Math.floor(this.options.capacity()));
    if (this.quieting.signal.aborted) return;
    if (room === 0) await this.waking.promise;
    else if (this.backlog.length > 0) this.handOver(this.backlog.splice(0, room));
    else if (this.mayClaim) await this.claim(room);
    else await this.read(room);
  }

  private async read(room: number): Promise<void> {
    const { incarnation } = this.member.identity;
    const { held } = this;
    this.reading = {};
    this.readSinceMs = performance.now();
    try {
      const entries = await this.reader.readNew(incarnation, room, this.blockMs);
      // Entries of an earlier life, or of an earlier epoch, belong to nobody here.
      if (held === this.held) this.handOver(entries);
    } finally {
      this.reading = undefined;
    }
  }

  private async claim(room: number): Promise<void> {
    const { stream, group, agentType } = this.options;
    const { held } = this;
    const count = Math.min(room, ENTRIES_PER_SCRIPT);
    this.mayClaim = false;
    try {
      const report = await this.manager.claimEntries(this.member.identity, { stream, group, agentType, count });
      if (held !== this.held) return;
      addTo("hive_claimed_entries_total", { group: this.options.group }, report.entries.length);
      if (report.entries.length > 0) crashPoint("entries.claimed");
      if (report.entries.length === count) this.mayClaim = true;
      if (report.entries.length > 0 || report.crashed.length > 0) this.emit("claimed", report);
      this.handOver(report.entries);
    } catch (error) {
      this.mayClaim = true;
      throw error;
    }
  }

  /** After a (re)connection, or whatever else leaves unknown what was handed to us. */
  private async recover(): Promise<void> {
    const { stream, group, lostWork } = this.options;
    const { incarnation } = this.member.identity;
    const { held } = this;
    this.mustRecover = false; // what happens meanwhile may ask for it again
    await this.reader.closePrevious();
    await this.giveBackAgain();
    // Who is declared dead and reads on takes entries that nobody will look for.
    if ((await this.manager.deadAmong([incarnation])).size > 0) {
      this.member.noticeDeath(incarnation);
      throw new DeclaredDeadError("read", incarnation);
    }
    await this.manager.ensureGroup({ stream, group }, lostWork);
    const own = await this.reader.readOwn(incarnation);
    if (held !== this.held) return;
    this.backlog = own.filter(({ id }) => !held.has(id));
    this.mayClaim = true;
  }

  /**
   * A renewal gives back what the old incarnation holds, but its blocked read ends only when the server hears of it: what it
   * took in between is given back once it is closed for sure.
   */
  private async giveBackAgain(): Promise<void> {
    for (let old = this.earlierLives[0]; old; old = this.earlierLives[0]) {
      await this.manager.sayGoodbye(old, "its read took entries after it was given up");
      this.earlierLives.shift();
    }
  }

  private async onFailure(error: Error, failures: number): Promise<void> {
    this.mustRecover = true;
    // LOADING, READONLY, NOGROUP, UNBLOCKED, OOM, MISCONF, a lost connection: all of them pass.
    if (failures === 1) this.logger.info("reading was interrupted", { err: error });
    await pause(reconnectDelayMs(failures, Math.random()), this.quieting.signal);
  }

  private quieted(): Promise<void> {
    return new Promise((resolve) => this.quieting.signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  // ── Handing over ─────────────────────────────────────────────────────────────────────────────────────────────────

  private handOver(entries: StreamEntry[]): void {
    const { held } = this;
    const fresh = entries.filter(({ id }) => !held.has(id));
    if (fresh.length === 0) return;
    const { incarnation } = this.member.identity;
    history?.note("delivered", { by: incarnation, group: this.options.group, entries: notedEntries(fresh) });
    for (const { id } of fresh) held.add(id);
    void this.deliver(fresh, held);
  }

  private async deliver(entries: StreamEntry[], held: Set<string>): Promise<void> {
    for (let failures = 1; ; failures++) {
      const open = failures === 1 ? entries : entries.filter(({ id }) => held.has(id));
      if (open.length === 0 || held !== this.held || this.stopping.signal.aborted) return;
      try {
        await this.options.onEntries(open);
        this.wake();
        return;
      } catch (error) {
        // Once, however long it takes: what keeps them from being handled is told by whoever knows it.
        if (failures === 1) {
          const why = { err: error, entries: open.length };
          this.logger.warn("entries could not be handled and will be handed over again", why);
        }
        await pause(retryDelayMs(failures, Math.random()), this.stopping.signal);
      }
    }
  }

  /** Nothing held before counts any more. */
  private startAnew(): void {
    this.held = new Set();
    this.backlog = [];
    this.mustRecover = true;
    this.wake();
  }

  // ── Signals ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private onUp(identity: ConnectionIdentity): void {
    this.member.addConnection(identity);
    this.wake(); // without room, too: what a lost connection left is looked at, and the group made sure of, at once
  }

  private onDown(identity: ConnectionIdentity): void {
    this.mustRecover = true;
    this.member.removeConnection(identity);
  }

  private readonly onRenewed = (_: MemberIdentity, __: RenewalReason, old: Registration): void => {
    this.earlierLives.push(old);
    this.startAnew();
    // Its blocked read is the old incarnation's.
    this.connection.destroySocket();
  };

  private readonly onEpoch = (): void => {
    this.startAnew();
    void this.interruptRead();
  };

  private readonly onControl = (message: { type: string; group?: string }): void => {
    if (message.type === "dead" && message.group === this.options.group) this.claimSoon();
  };

  private readonly onBeat = (abandoned: number): void => {
    if (abandoned > 0) this.claimSoon();
    if (performance.now() - this.lastMendMs < MEND_EVERY_MS) return;
    this.lastMendMs = performance.now();
    void this.mend();
  };

  private claimSoon(): void {
    this.mayClaim = true;
    void this.interruptRead();
  }

  /**
   * Compares the own pending list with what is held. What is held nowhere at two looks in a row was lost on its way: at the
   * first it may still be coming. Idle times are not asked for, since they follow Redis's wall clock.
   */
  private async mend(): Promise<void> {
    const { stream, group } = this.options;
    const { incarnation } = this.member.identity;
    try {
      const pending = (await this.manager.call("XPENDING", [stream, group, "-", "+", "1000", incarnation])) as [
        string,
      ][];
      const waiting = new Set(this.backlog.map(({ id }) => id));
      const unheld = pending.map(([id]) => id).filter((id) => !this.held.has(id) && !waiting.has(id));
      const isLost = unheld.some((id) => this.unheld.has(id));
      this.unheld = new Set(unheld);
      if (!isLost) return;
    } catch {
      return; // the reader itself finds out what is wrong
    }
    this.mustRecover = true;
    void this.interruptRead();
  }

  /** Ends a blocked read so that the loop looks at what is more urgent. Nothing is lost: a read that has entries keeps them. */
  private async interruptRead(): Promise<void> {
    const { reading } = this;
    while (reading !== undefined && this.reading === reading) {
      const { identity } = this.connection;
      // It may still be on its way to Redis, where nothing is blocked yet; then it is asked again.
      if (!identity || (await this.manager.unblock(identity.clientId).catch(() => true))) return;
      await pause(UNBLOCK_AGAIN_MS);
    }
  }
}
