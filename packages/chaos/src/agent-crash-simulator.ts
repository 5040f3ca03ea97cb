/**
 * Hurts real agents, for tests and demonstrations: kills their processes, or stops them for a while, at once, at random
 * times, or at a named moment of a task. What the hive does about it is the hive's affair. Off unless enabled; touches no
 * process but those of registered agents; every act is on record.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ChaosError } from "./chaos-error.js";
import {
  systemClock,
  type AgentDirectory,
  type AgentProcess,
  type ChaosClock,
  type Freeze,
  type Hand,
  type Moment,
  type Strike,
  type TaskMoment,
  type TaskMoments,
} from "./ports.js";
import { Ambush } from "./ambush.js";
import { LocalHand } from "./local-hand.js";
import { planRandomActs, type Act, type AgentRef } from "./random-acts.js";

/** What was done, to whom, when and why. */
export interface ActRecord extends AgentRef {
  act: Act;
  pid: number | undefined;
  incarnation: string | undefined;
  /** Wall clock, ISO 8601. */
  at: string;
  /** Monotonic clock of the machine, in ms: taken right after the signal, comparable between its processes. */
  monotonicMs: number;
  cause: "demand" | "random" | "armed";
  /** The moment that an armed act was waiting for. */
  moment: TaskMoment | undefined;
}

export interface AgentCrashSimulatorOptions {
  /** Must be true; meant to come from HIVE_CHAOS_ENABLED. */
  enabled: boolean;
  directory: AgentDirectory;
  /** Reaches the agents' processes. Default: by signals, on this machine. */
  hand?: Hand;
  /** Needed by {@link AgentCrashSimulator.arm}. */
  moments?: TaskMoments;
  /** Default: the machine's clocks. */
  clock?: ChaosClock;
}

export interface RandomActsOptions {
  /** The same seed gives the same times, acts and choices. */
  seed: number;
  /** Acts per minute, on average. */
  ratePerMinute: number;
  /** Whom to choose from, asked before each act; if there is nobody, the act is left out. */
  targets: () => AgentRef[] | Promise<AgentRef[]>;
  /** What to choose from. Default: crashes only. */
  acts?: ("crash" | "freeze")[];
  /** Recovers the agent after so many ms. Default: never; a supervisor may. */
  recoverAfterMs?: number;
}

export interface ArmOptions {
  moment: Moment;
  act: "crash" | "freeze";
  workflowId?: string;
  taskId?: string;
  agentType?: string;
  /** How many times to strike. Default 1. */
  count?: number;
}

/** Something that goes on until it is done or stopped. */
export interface Ongoing {
  /** What was done; settles when it is over, also by {@link stop}. */
  done: Promise<ActRecord[]>;
  stop(): void;
}

interface Reason {
  cause: ActRecord["cause"];
  moment?: TaskMoment;
}

interface Frozen {
  process: AgentProcess;
  freeze: Freeze;
  /** The order by which it stood still when it was frozen. */
  orderId: string | undefined;
}

const ON_DEMAND: Reason = { cause: "demand" };

export class AgentCrashSimulator {
  private readonly directory: AgentDirectory;
  private readonly moments: TaskMoments | undefined;
  private readonly clock: ChaosClock;
  private readonly acts: ActRecord[] = [];
  private readonly ongoing = new Set<Ongoing>();
  private readonly hand: Hand;
  /** Frozen processes by agent. */
  private readonly frozen = new Map<string, Frozen>();

  /** @throws ChaosError CHAOS_DISABLED */
  constructor(options: AgentCrashSimulatorOptions) {
    if (!options.enabled) {
      throw new ChaosError(
        "CHAOS_DISABLED",
        "Agents are not to be hurt here: chaos is off. Set HIVE_CHAOS_ENABLED=true where that is meant.",
      );
    }
    this.directory = options.directory;
    this.moments = options.moments;
    this.clock = options.clock ?? systemClock;
    this.hand = options.hand ?? new LocalHand(this.clock);
  }

  /** Everything that was done so far, in order. */
  get records(): readonly ActRecord[] {
    return this.acts;
  }

  /**
   * Kills the agent's process: SIGKILL, no goodbye.
   *
   * @throws ChaosError AGENT_NOT_FOUND, NOT_AN_AGENT
   */
  async crashAgent(agentId: string, group: string): Promise<ActRecord> {
    return this.strike("crash", { agentId, group }, ON_DEMAND);
  }

  /**
   * Stops the agent's process in its tracks: SIGSTOP. Its connections stay open.
   *
   * @throws ChaosError AGENT_NOT_FOUND, NOT_AN_AGENT
   */
  async freezeAgent(agentId: string, group: string): Promise<ActRecord> {
    return this.strike("freeze", { agentId, group }, ON_DEMAND);
  }

  /** Lets a frozen agent go on; has a crashed one started again. */
  async recoverAgent(agentId: string, group: string): Promise<ActRecord> {
    const frozen = this.frozen.get(agentId);
    this.frozen.delete(agentId);
    if (frozen && (await frozen.freeze.thaw())) {
      if (frozen.orderId !== undefined) await this.moments?.orders?.release(frozen.orderId);
      return this.record("recover", { agentId, group }, frozen.process, ON_DEMAND, this.now());
    }
    await this.directory.revive(agentId);
    const revived = await this.directory.find(agentId, group);
    return this.record("recover", { agentId, group }, revived, ON_DEMAND, this.now());
  }

  /** Hurts agents at random times until it is stopped. */
  scheduleRandom(options: RandomActsOptions): Ongoing {
    const plan = planRandomActs(options.seed, options.ratePerMinute, options.acts ?? ["crash"]);
    return this.carryOn((signal, done) => this.strikeAtRandom(plan, options, signal, done));
  }

  /**
   * Hurts the agent that comes to the moment first, or the first `count` of them. With moments that take orders, the agent
   * stands still there until it is hurt: wait for `armed` before you submit what is to be hit.
   */
  arm(options: ArmOptions): Ongoing & { armed: Promise<void> } {
    const { moments } = this;
    if (!moments)
      throw new TypeError("An act is armed for a moment of a task, but the simulator was given no moments.");
    let armed: Promise<void> = Promise.resolve();
    const ongoing = this.carryOn((signal, done) => {
      const ambush = new Ambush(moments, options, (moment) => this.strikeAt(moment, options.act), done);
      armed = ambush.lay();
      return ambush.over(signal);
    });
    return { ...ongoing, armed };
  }

  /** Ends everything scheduled and armed, and lets frozen agents go on: a stopped process would outlive everyone. */
  async stop(): Promise<void> {
    const ending = [...this.ongoing];
    for (const ongoing of ending) ongoing.stop();
    await Promise.allSettled(ending.map(({ done }) => done));
    await Promise.all(Array.from(this.frozen.values(), ({ freeze }) => freeze.thaw()));
    this.frozen.clear();
  }

  private carryOn(work: (signal: AbortSignal, done: ActRecord[]) => Promise<void>): Ongoing {
    const abort = new AbortController();
    const records: ActRecord[] = [];
    const done = work(abort.signal, records).then(() => records);
    const ongoing = { done, stop: () => abort.abort() };
    this.ongoing.add(ongoing);
    const forget = () => this.ongoing.delete(ongoing);
    done.then(forget, forget);
    return ongoing;
  }

  private async strikeAtRandom(
    plan: ReturnType<typeof planRandomActs>,
    options: RandomActsOptions,
    signal: AbortSignal,
    done: ActRecord[],
  ): Promise<void> {
    const recoveries: Promise<unknown>[] = [];
    while (!signal.aborted) {
      const { afterMs, act, target } = plan.next().value;
      await delay(afterMs, undefined, { signal }).catch(() => {});
      const targets = signal.aborted ? [] : await options.targets();
      const chosen = targets[Math.floor(target * targets.length)];
      if (!chosen || signal.aborted) continue;
      const record = await this.strike(act, chosen, { cause: "random" }).catch(ignoreAbsence);
      if (!record) continue;
      done.push(record);
      if (options.recoverAfterMs !== undefined)
        recoveries.push(this.recoverLater(chosen, options.recoverAfterMs, signal));
    }
    await Promise.all(recoveries);
  }

  /** When it is stopped before its time, the agent is recovered at once. */
  private async recoverLater({ agentId, group }: AgentRef, afterMs: number, signal: AbortSignal): Promise<void> {
    await delay(afterMs, undefined, { signal }).catch(() => {});
    await this.recoverAgent(agentId, group);
  }

  /** Undefined when the life that came to the moment is over. */
  private async strikeAt(moment: TaskMoment, act: "crash" | "freeze"): Promise<ActRecord | undefined> {
    return this.strike(act, moment, { cause: "armed", moment }).catch(ignoreAbsence);
  }

  private async strike(act: "crash" | "freeze", { agentId, group }: AgentRef, reason: Reason): Promise<ActRecord> {
    const found = await this.directory.find(agentId, group);
    if (!found || (reason.moment && reason.moment.incarnation !== found.incarnation)) {
      throw new ChaosError("AGENT_NOT_FOUND", `Agent "${agentId}" is not alive in group "${group}".`);
    }
    const strike = await (act === "crash" ? this.hand.crash(agentId, found) : this.freeze(agentId, found, reason));
    if (strike === undefined) {
      throw new ChaosError(
        "NOT_AN_AGENT",
        `Process ${found.pid} is not, or no longer, agent "${agentId}"; it was left alone.`,
      );
    }
    return this.record(act, { agentId, group }, found, reason, strike);
  }

  private async freeze(agentId: string, process: AgentProcess, { moment }: Reason): Promise<Strike | undefined> {
    const freeze = await this.hand.freeze(agentId, process);
    if (freeze) this.frozen.set(agentId, { process, freeze, orderId: moment?.orderId });
    return freeze;
  }

  private now(): Strike {
    return { atMs: this.clock.now().getTime(), monotonicMs: this.clock.monotonicMs() };
  }

  private record(
    act: Act,
    { agentId, group }: AgentRef,
    process: AgentProcess | undefined,
    { cause, moment }: Reason,
    { atMs, monotonicMs }: Strike,
  ): ActRecord {
    const record = {
      act,
      agentId,
      group,
      pid: process?.pid,
      incarnation: process?.incarnation,
      at: new Date(atMs).toISOString(),
      monotonicMs,
      cause,
      moment,
    };
    this.acts.push(record);
    return record;
  }
}

/** Chance and armed acts aim at whoever is alive: that somebody just died is no failure. */
function ignoreAbsence(error: unknown): undefined {
  if (error instanceof ChaosError) return undefined;
  throw error;
}
