/**
 * Watches who is alive and carries verdicts out. What a look means is decided by the domain's liveness rules; here it is
 * taken, and the consequences follow in an order that matters: first the dead set, so that no script obeys the dead any
 * more; then its connections are killed, because a frozen one blocked in a read goes on being handed entries; then
 * everyone is told, and its entries are claimed.
 *
 * Each step may be the last one that this process takes: whoever looks next finishes it.
 */
import { EventEmitter } from "node:events";
import type { Heartbeat, Registration } from "@agent-hive/contracts";
import {
  DEFAULT_LIVENESS_SETTINGS,
  NOTHING_OBSERVED,
  observe,
  toError,
  type LivenessSettings,
  type LivenessState,
  type LivenessVerdict,
  type ObservedIncarnation,
} from "@agent-hive/domain";
import { crashPoint } from "@agent-hive/proof";
import type { Logger } from "@agent-hive/telemetry";
import type { HiveMember } from "./hive-member.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import type { GroupAddress, PresentConnections } from "./types.js";

export const COORDINATOR_SERVICE = "group-coordinator";
/** How often peers look when there is no coordinator: slower, since all of them do. */
export const PEER_INTERVAL_MS = 2_000;
/** How often consumers without a process are looked for. */
const TIDY_INTERVAL_MS = 1_000;

export interface PeerWatchOptions {
  manager: RedisStreamsManager;
  member: HiveMember;
  /**
   * `coordinator` judges everyone, every 50 ms. `peer` judges only coordinators while there is one, and everyone when
   * there is none, every 2 s.
   */
  mode: "coordinator" | "peer";
  /** Between two looks, in milliseconds. */
  intervalMs?: number;
  /** The term of a leader's writes; undefined while not leading, and then nobody is judged. Only for coordinators. */
  term?: () => number | undefined;
  /** Groups whose consumers without a process are removed. */
  groups?: () => readonly GroupAddress[];
  /** Default: the domain's, 1.5 s and six looks without a beat. */
  liveness?: Partial<LivenessSettings>;
  logger?: Logger;
}

/** A verdict that was carried out. */
export interface Death {
  registration: Registration;
  kind: "crashed" | "frozen";
  /** For people. */
  evidence: string;
  /** From the look that showed it until all were told. */
  carriedOutMs: number;
}

interface PeerWatchEvents {
  dead: [death: Death];
  /** Its heart beats, but its main loop stands still: its task's own timeout ends that. */
  wedged: [registration: Registration, evidence: string];
  /** Consumers without a process that were removed. */
  removed: [group: string, consumers: string[]];
}

/** Everything that one look shows. */
export interface Look {
  registrations: Registration[];
  heartbeats: Map<string, Heartbeat>;
  connections: PresentConnections;
  /** Declared dead by somebody who did not come to the end of it. */
  unburied: Registration[];
}

export class PeerWatch extends EventEmitter<PeerWatchEvents> {
  private readonly manager: RedisStreamsManager;
  private readonly member: HiveMember;
  private readonly logger: Logger;
  private readonly settings: LivenessSettings;
  private state: LivenessState = NOTHING_OBSERVED;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private looking: Promise<void> | undefined;
  private lastTidyMs = -Infinity;

  constructor(private readonly options: PeerWatchOptions) {
    super();
    this.manager = options.manager;
    this.member = options.member;
    this.logger = options.logger ?? options.manager.logger;
    const byMode = options.mode === "peer" ? PEER_INTERVAL_MS : DEFAULT_LIVENESS_SETTINGS.intervalMs;
    const intervalMs = options.intervalMs ?? byMode;
    this.settings = { ...DEFAULT_LIVENESS_SETTINGS, ...options.liveness, intervalMs };
    // Whoever was cut off itself is no witness of who was cut off meanwhile.
    this.manager.on("down", () => (this.state = NOTHING_OBSERVED));
  }

  start(): void {
    if (this.timer || this.isStopped) return;
    this.timer = setInterval(() => void this.lookUnlessBusy(), this.settings.intervalMs);
  }

  /** Ends after the look that is under way. May be called twice, or before `start`. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.looking;
  }

  /** One look with all its consequences; returns the incarnations that were declared dead. Never rejects. */
  async runOnce(): Promise<string[]> {
    const term = this.options.term?.();
    if (!this.member.isRegistered || (this.options.term && term === undefined)) {
      this.state = NOTHING_OBSERVED;
      return [];
    }
    try {
      const look = await this.look();
      const dead = await this.judge(look, term);
      await this.tidyAtTimes(look);
      return dead;
    } catch (error) {
      this.state = NOTHING_OBSERVED;
      this.logger.debug("a look at the members failed", { err: toError(error) });
      return [];
    }
  }

  private async lookUnlessBusy(): Promise<void> {
    if (this.looking) return;
    this.looking = this.runOnce().then(() => undefined);
    await this.looking;
    this.looking = undefined;
  }

  private async look(): Promise<Look> {
    const [all, heartbeats] = await Promise.all([this.manager.registrations(), this.manager.heartbeats()]);
    const [dead, connections] = await Promise.all([
      this.manager.deadAmong(all.map(({ incarnation }) => incarnation)),
      this.manager.connectionsPresent(all.flatMap((registration) => registration.connections)),
    ]);
    return {
      registrations: all.filter(({ incarnation }) => !dead.has(incarnation)),
      unburied: all.filter(({ incarnation }) => dead.has(incarnation)),
      heartbeats,
      connections,
    };
  }

  private async judge(look: Look, term: number | undefined): Promise<string[]> {
    const nowMs = performance.now();
    const { runId, present: presentConnections } = look.connections;
    const incarnations = this.underWatch(look.registrations).map((registration) =>
      observed(registration, look.heartbeats),
    );
    const before = this.state;
    const ownHeartbeatCounter = look.heartbeats.get(this.member.identity.incarnation)?.counter ?? 0;
    const observation = { nowMs, runId, ownHeartbeatCounter, presentConnections, incarnations };
    const { state, verdicts } = observe(before, observation, this.settings);
    this.state = state;
    const sentenced = await Promise.all(verdicts.map((verdict) => this.carryOut(verdict, look, term, nowMs, before)));
    await Promise.all(look.unburied.map((registration) => this.bury(registration)));
    return sentenced.filter((incarnation) => incarnation !== undefined);
  }

  private underWatch(registrations: Registration[]): Registration[] {
    const own = this.member.identity.incarnation;
    const others = registrations.filter(({ incarnation }) => incarnation !== own);
    const coordinators = others.filter(({ service }) => service === COORDINATOR_SERVICE);
    return this.options.mode === "peer" && coordinators.length > 0 ? coordinators : others;
  }

  private async carryOut(
    { incarnation, verdict: kind, evidence }: LivenessVerdict,
    look: Look,
    term: number | undefined,
    sinceMs: number,
    before: LivenessState,
  ): Promise<string | undefined> {
    const registration = look.registrations.find((candidate) => candidate.incarnation === incarnation)!;
    const text = describe(evidence);
    if (kind === "wedged") {
      this.emit("wedged", registration, text);
      return undefined;
    }
    try {
      const heartbeatCounter = look.heartbeats.get(incarnation)?.counter ?? 0;
      const { connections } = registration;
      const sentence = {
        incarnation,
        kind,
        evidence: text,
        connections,
        heartbeatCounter,
        ...(term !== undefined && { term }),
      };
      const outcome = await this.manager.declareDead(this.member.identity, registration, sentence);
      if (outcome !== "declared") {
        this.takeBack(incarnation, before);
        return undefined;
      }
      crashPoint("death.declared");
      await this.bury(registration);
      this.emit("dead", { registration, kind, evidence: text, carriedOutMs: performance.now() - sinceMs });
      return incarnation;
    } catch (error) {
      this.logger.warn("a verdict could not be carried out and will be given again", {
        incarnation,
        err: toError(error),
      });
      this.takeBack(incarnation, before);
      return undefined;
    }
  }

  private async bury(registration: Registration): Promise<void> {
    await this.manager.killConnections(registration.runId, registration.connections);
    crashPoint("connections.killed");
    await this.manager.announceDeath(this.member.identity, registration);
    crashPoint("death.announced");
  }

  /** The domain gives each verdict once. One that was not carried out is given again if the next look shows the same. */
  private takeBack(incarnation: string, before: LivenessState): void {
    const watched = new Map(this.state.watched);
    const seenBefore = before.watched.get(incarnation);
    if (seenBefore) watched.set(incarnation, seenBefore);
    else watched.delete(incarnation);
    this.state = { ...this.state, watched };
  }

  private async tidyAtTimes({ registrations }: Look): Promise<void> {
    const nowMs = performance.now();
    if (!this.options.groups || nowMs - this.lastTidyMs < TIDY_INTERVAL_MS) return;
    this.lastTidyMs = nowMs;
    const forgotten = await this.manager.forgetUnreadable(this.member.identity);
    if (forgotten > 0) this.logger.warn("registrations that cannot be read were removed", { count: forgotten });
    const known = new Set(registrations.map(({ incarnation }) => incarnation));
    await Promise.all(this.options.groups().map((at) => this.tidy(at, known)));
  }

  /** Removes consumers without a process; the script has the last word on whether there is one. */
  private async tidy(at: GroupAddress, known: ReadonlySet<string>): Promise<void> {
    const { consumers } = await this.manager.groupInfo(at);
    const suspects = consumers.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    const left = await Promise.all(suspects.map((name) => this.manager.removeConsumer(this.member.identity, at, name)));
    const removed = suspects.filter((_, i) => left[i] === 0);
    if (removed.length === 0) return;
    crashPoint("consumer.removed");
    this.emit("removed", at.group, removed);
  }
}

function observed(registration: Registration, heartbeats: Map<string, Heartbeat>): ObservedIncarnation {
  const { incarnation: id, connections, runId } = registration;
  const { counter = 0, mainLoop = 0 } = heartbeats.get(id) ?? {};
  return { id, connections, runId, heartbeatCounter: counter, mainLoopCounter: mainLoop, saidGoodbye: false };
}

function describe(evidence: LivenessVerdict["evidence"]): string {
  if ("connectionsGone" in evidence) {
    const { connectionsGone, others, othersPresent } = evidence;
    return `all ${connectionsGone.length} connections gone in one look, while ${othersPresent} of ${others} others were there`;
  }
  const { counter, unchangedMs, looks } = evidence;
  return `stood still at ${counter} for ${Math.round(unchangedMs)} ms in ${looks} looks`;
}
