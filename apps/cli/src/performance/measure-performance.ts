/**
 * The performance part of a demonstration: load in steps until the hive no longer keeps up, then for minutes with agents
 * killed on the way, then many workflows at once. All figures are the validator's or PostgreSQL's.
 */
import type { WriteStream } from "node:fs";
import type { Act, Measurement } from "@agent-hive/measurement";
import { loadTargets } from "@agent-hive/measurement";
import type { Kill } from "../chaos/agent-killer.js";
import { duration } from "../terminal/print.js";
import type { GivenStores } from "../validation/checked-stores.js";
import { until } from "../validation/waiting.js";
import { elevenTasks } from "../validation/workload.js";
import { judgePerformance } from "./criteria.js";
import { LoadDriver } from "./load-driver.js";
import { MESSAGES_PER_TASK, keptUp, nextStep, sustainedLoad } from "./load-plan.js";
import { AGENTS_PER_TYPE, PerformanceHive, SLOTS } from "./performance-hive.js";
import type { Crowd, Performance, SustainedLoad } from "./performance.js";

export interface PerformanceOptions {
  /** Of the load with kills, in minutes. */
  minutes: number;
  /** Of each step, in seconds. Default 8. */
  stepSeconds?: number;
  /** How many workflows are submitted at once, one after the other. Default 100, 1,000. */
  crowds?: number[];
  /** From kill to kill, in milliseconds. Default 10,000. */
  killEveryMs?: number;
  /** Servers to use instead of embedded ones. */
  stores?: GivenStores;
  /** Chooses who is killed. */
  seed: number;
  log: WriteStream;
  /** One line of what goes on. */
  tell: (line: string) => void;
  /** Ends it early; what is known by then is the result. */
  signal: AbortSignal;
}

const STEP_SECONDS = 8;
const CROWDS = [100, 1_000];
const KILL_EVERY_MS = 10_000;
/** What starts late is not measured. */
const MOST_MS = 15 * 60_000;
const WARM_UP_WORKFLOWS = 500;
const DRAINED_WITHIN_MS = 120_000;
const TELL_EVERY_MS = 5_000;
const MOST_PER_REQUEST = 250;
/** After it the restarted process of the latest kill is back. */
const RECOVERED_WITHIN_MS = 30_000;

/** Never rejects for what the hive does: what could not be measured is told in the result. */
export async function measurePerformance(options: PerformanceOptions): Promise<Performance> {
  const { crowds = CROWDS } = options;
  const floor = loadTargets().find(({ id }) => id === "messages-per-second")!.floor!;
  const found: Performance = {
    agentsPerType: AGENTS_PER_TYPE,
    slots: SLOTS,
    steps: [],
    limit: null,
    sustained: null,
    atOnce: [],
    criteria: [],
    problem: null,
  };
  const late = AbortSignal.timeout(MOST_MS);
  const signal = AbortSignal.any([options.signal, late]);
  try {
    const hive = await PerformanceHive.start(options.stores ?? {}, options.seed, options.log, options.tell);
    try {
      await new LoadedHive(hive, { ...options, signal }, floor).fill(found, crowds);
    } finally {
      await hive.stop();
    }
  } catch (error) {
    if (options.signal.aborted) found.problem = "It was interrupted.";
    else if (late.aborted) found.problem = `It took longer than ${duration(MOST_MS)}.`;
    else found.problem = error instanceof Error ? error.message : String(error);
  }
  found.limit = found.steps.length === 0 ? null : Math.max(...found.steps.map(({ measured }) => measured));
  found.criteria = judgePerformance(found, floor, crowds);
  return found;
}

class LoadedHive {
  private readonly driver: LoadDriver;
  private readonly messagesPerWorkflow: number;

  constructor(
    private readonly hive: PerformanceHive,
    private readonly options: PerformanceOptions,
    private readonly floor: number,
  ) {
    const definition = { ...elevenTasks(), name: "performance" };
    this.driver = new LoadDriver(hive.client, definition);
    this.messagesPerWorkflow = definition.tasks!.length * MESSAGES_PER_TASK;
  }

  /** Takes down what is found as soon as it is, so that an interruption leaves it. */
  async fill(found: Performance, crowds: readonly number[]): Promise<void> {
    const { tell } = this.options;
    await this.submitAtOnce(WARM_UP_WORKFLOWS);
    await this.drained();
    for (let offered = nextStep([], this.floor); offered !== undefined; offered = nextStep(found.steps, this.floor)) {
      const step = await this.step(offered);
      found.steps.push(step);
      tell(
        `step ${found.steps.length}: ${told(step.offered)} messages/s offered, ${told(step.measured)} through, ${step.accepted} workflows accepted, ${step.open} open: ${step.held ? "held" : "not held"}`,
      );
    }
    found.sustained = await this.sustain(sustainedLoad(found.steps, this.floor));
    tell(`sustained: ${told(found.sustained.measured)} messages/s, ${found.sustained.kills} agents killed`);
    this.options.signal.throwIfAborted();
    for (const count of crowds) {
      const crowd = await this.atOnce(count);
      found.atOnce.push(crowd);
      tell(`${count} workflows at once: ${crowd.succeeded} succeeded in ${crowd.seconds.toFixed(1)} s`);
    }
  }

  private async step(offered: number) {
    const { validator } = this.hive;
    const { stepSeconds = STEP_SECONDS, signal } = this.options;
    const workflows = offered / this.messagesPerWorkflow;
    const runId = await validator.begin({ name: "step", underLoad: true });
    const { accepted, seconds } = await this.driver.offer(workflows, stepSeconds, signal);
    const open = await this.hive.openWorkflows();
    const { throughput } = await validator.end(runId, { atRest: false });
    signal.throwIfAborted();
    await this.drained();
    const held = keptUp(workflows, seconds, accepted, open);
    return { offered, measured: throughput.messagesPerSecond, seconds, accepted, open, held };
  }

  /** Offers load for minutes and kills agents meanwhile. If it is interrupted, what went on until then is measured. */
  private async sustain(offered: number): Promise<SustainedLoad> {
    const { validator, killer } = this.hive;
    const { minutes, killEveryMs = KILL_EVERY_MS, signal } = this.options;
    const runId = await validator.begin({ name: "sustained load", underLoad: true });
    const over = new AbortController();
    const kills: { agentId: string; at: number }[] = [];
    const ending = AbortSignal.any([signal, over.signal]);
    const killing = killer.killEvery(killEveryMs, ending, async (kill) => {
      if (kill === undefined) return;
      kills.push({ agentId: kill.agentId, at: Date.parse(kill.at) });
      await validator.noteActs(runId, [actOf(kill)]);
    });
    const telling = this.tellProgress(offered, minutes, () => kills.length, ending);
    let offer: Awaited<ReturnType<LoadDriver["offer"]>>;
    try {
      offer = await this.driver.offer(offered / this.messagesPerWorkflow, minutes * 60, signal);
    } finally {
      over.abort();
      await Promise.all([killing, telling]);
    }
    if (!signal.aborted) await this.drained();
    const measurement = await validator.end(runId, { atRest: !signal.aborted });
    const { window, throughput, processes } = measurement;
    const since = (atMs: number): number => Math.max(0, atMs - window.fromMs);
    return {
      ...loadOf(measurement, kills.length),
      workflows: offer.accepted,
      offered,
      measured: throughput.messagesPerSecond,
      seconds: offer.seconds,
      series: throughput.series.map((point) => ({ ...point, atMs: since(point.atMs) })),
      strikes: kills.map(({ agentId, at }) => ({ agentId, atMs: since(at) })),
      processes: processes.map(({ name, service, rssMedianBytes, rssPeakBytes, cpuSeconds }) => ({
        name,
        service,
        rssMedianBytes,
        rssPeakBytes,
        cpuSeconds,
      })),
    };
  }

  private async atOnce(count: number): Promise<Crowd> {
    const { validator, killer } = this.hive;
    await this.whole();
    const runId = await validator.begin({ name: `${count} at once`, underLoad: true });
    const submitting = this.submitAtOnce(count);
    const killed = await killer.killOne();
    if (killed) await validator.noteActs(runId, [actOf(killed)]);
    const workflows = await submitting;
    await this.drained();
    const measurement = await validator.end(runId, { atRest: true });
    return { ...loadOf(measurement, killed ? 1 : 0), workflows, ...(await this.hive.crowd(workflows)) };
  }

  private async submitAtOnce(count: number): Promise<number> {
    const parts = Array.from({ length: Math.ceil(count / MOST_PER_REQUEST) }, (_, part) =>
      Math.min(MOST_PER_REQUEST, count - part * MOST_PER_REQUEST),
    );
    const accepted = await Promise.all(parts.map((part) => this.driver.submit(part)));
    return accepted.reduce((sum, each) => sum + each, 0);
  }

  private async drained(): Promise<void> {
    const isDrained = async (): Promise<true | undefined> => (await this.hive.openWorkflows()) === 0 || undefined;
    await until("all workflows have ended", isDrained, { withinMs: DRAINED_WITHIN_MS, signal: this.options.signal });
  }

  /** Waits until all agents are there, those that were killed among them. */
  private async whole(): Promise<void> {
    const isWhole = async (): Promise<true | undefined> =>
      (await this.hive.client.groups()).every(({ consumers }) => consumers.length === AGENTS_PER_TYPE) || undefined;
    await until("all agents are back", isWhole, { withinMs: RECOVERED_WITHIN_MS, signal: this.options.signal });
  }

  private async tellProgress(
    offered: number,
    minutes: number,
    kills: () => number,
    signal: AbortSignal,
  ): Promise<void> {
    const began = performance.now();
    while (!signal.aborted) {
      await pause(TELL_EVERY_MS, signal);
      if (signal.aborted) return;
      const leftMs = Math.max(0, minutes * 60_000 - (performance.now() - began));
      const open = await this.hive.openWorkflows();
      this.options.tell(
        `sustained: ${told(offered)} messages/s offered, ${open} workflows open, ${kills()} agents killed, ${duration(leftMs)} left`,
      );
    }
  }
}

function loadOf({ completion, invariants, recoveryMs }: Measurement, kills: number) {
  const broken = invariants.filter(({ id }) => id === "I1" || id === "I2").flatMap(({ violations }) => violations);
  return { succeeded: completion.succeeded, kills, violations: broken.length, recoveryMs: recoveryMs.crash };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

const told = (perSecond: number): string => Math.round(perSecond).toLocaleString("en");

/** As the validator is told. What the process held is left to the history to tell. */
function actOf({ agentId, agentType, group, incarnation, at }: Kill): Act {
  return { kind: "crash", agentId, incarnation: incarnation ?? "", agentType, group, atMs: Date.parse(at), held: [] };
}
