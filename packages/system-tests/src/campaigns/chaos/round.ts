/** One round: a hive of its own under load, so many faults, rest, and what is to be said of it. */
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "@agent-hive/chaos";
import { EventRecorder } from "@agent-hive/client";
import { AGENT_SERVICES, type EmbeddedStores } from "@agent-hive/launcher";
import { startCampaignHive, type CampaignHive } from "./campaign-hive.js";
import { FaultInjector } from "./fault-injector.js";
import { momentNow, type Fault, type FaultKind } from "./fault-kinds.js";
import { recoveries, resumptions, throughputGaps, type Sample } from "./measurements.js";
import type { CampaignOptions } from "./options.js";
import { contradictions, innocents, type Innocent, leftInRedis, recordedTimes, runsOf } from "./records.js";
import { SustainedLoad } from "./sustained-load.js";

/** Workflows that must have ended before the first fault: connections, plans and compiled code are warm then. */
const WARM_AFTER = 5;
const WARM_WITHIN_MS = 60_000;
const DRAIN_WITHIN_MS = 90_000;
/** How long stragglers (late acknowledgements, an index that is swept) may take once all workflows have ended. */
const REST_WITHIN_MS = 15_000;
/** A fault that finds nothing to strike is tried again so much later, and put off after so long. */
const TRY_AGAIN_MS = 20;
const PATIENCE_MS = 3_000;
const PROGRESS_EVERY_MS = 3_000;
const AGENT_FAULTS: readonly FaultKind[] = ["agent-kill", "agent-freeze"];

/** What a round came to. */
export interface RoundResult {
  number: number;
  faults: { kind: FaultKind; struck: boolean }[];
  samples: Sample[];
  workflows: number;
  tasks: number;
  seconds: number;
  /** Results of frozen processes that were refused when they woke. */
  lateResultsRefused: number;
  /** Processes that nobody struck and that were given up as frozen: a machine that is overloaded looks so. */
  givenUpInVain: number;
  violations: string[];
  /** Why what the processes wrote down cannot be judged. */
  voids: string[];
}

export interface RoundOptions extends CampaignOptions {
  /** From 1. */
  number: number;
  stateDir?: string;
  /** Told of progress. */
  onProgress: (progress: { faults: Fault[]; ended: number; open: number }) => void;
  onFault: (fault: Fault) => void;
  signal: AbortSignal;
}

/** @throws whatever `signal` was aborted with. */
export async function runRound(
  stores: EmbeddedStores,
  { faults: wanted, deadlineMs }: { faults: number; deadlineMs: number },
  options: RoundOptions,
): Promise<RoundResult> {
  const beganMs = performance.now();
  const name = `chaos_${options.seed}_${options.number}`;
  const hive = await startCampaignHive(name, stores, options, options.stateDir);
  const random = seededRandom(options.seed + options.number);
  const load = new SustainedLoad({
    client: hive.client,
    database: hive.database,
    name,
    random: seededRandom(options.seed - options.number),
    busyTasks: Math.ceil(options.load * options.slots * options.agentsPerType * Object.keys(AGENT_SERVICES).length),
  });
  const injector = new FaultInjector(hive, random, options.onFault);
  const events = new EventRecorder(hive.client);
  const progress = setInterval(
    () => options.onProgress({ faults: injector.faults, ended: load.endedCount, open: load.openCount }),
    PROGRESS_EVERY_MS,
  );
  try {
    events.start();
    load.start();
    await until("the first workflows' end", WARM_WITHIN_MS, options.signal, async () => load.endedCount >= WARM_AFTER);
    await strikeAll(injector, random, wanted, deadlineMs, options);
    await injector.settle();
    const open = await load.drain(DRAIN_WITHIN_MS);
    const left = await atRest(hive, options.signal);
    const innocent = await innocents(hive.database, injector.faults);
    const found = [
      ...open.map((id) => `I10: ${id} had not ended ${DRAIN_WITHIN_MS / 1000} s after the last fault`),
      ...(await contradictions(hive.database, load.accepted)),
      ...innocent.filter(({ outcome }) => outcome === "crashed").map(describeInnocent),
      ...left,
    ];
    const samples = await measure(hive, injector.faults);
    const lateResultsRefused = refusedOf(events, injector.faults);
    await events.stop();
    const history = await hive.judge();
    return {
      number: options.number,
      faults: injector.faults.map((fault) => ({ kind: fault.kind, struck: hasStruck(fault) })),
      samples,
      workflows: load.accepted.size,
      tasks: [...load.accepted.values()].reduce((sum, tasks) => sum + tasks, 0),
      seconds: (performance.now() - beganMs) / 1000,
      lateResultsRefused,
      givenUpInVain: innocent.filter(({ outcome }) => outcome === "frozen").length,
      violations: [
        ...found,
        ...history.violations.map(({ invariant, message }) => `${invariant}: ${message} (history)`),
      ],
      voids: history.voids,
    };
  } finally {
    clearInterval(progress);
    await load.stop();
    await events.stop();
    await injector.stop().catch(() => undefined);
    await hive.stop();
  }
}

const describeInnocent = ({ outcome, incarnation }: Innocent): string =>
  `I3: ${incarnation} was given up as ${outcome}, and nobody had struck it`;

/** The kinds in random order, each as often as the others, one every `everyMs`. */
async function strikeAll(
  injector: FaultInjector,
  random: () => number,
  wanted: number,
  deadlineMs: number,
  { faults: kinds, everyMs, signal }: RoundOptions,
): Promise<void> {
  const isOver = (): boolean =>
    injector.faults.filter(hasStruck).length >= wanted || momentNow().monotonicMs >= deadlineMs;
  let nextMs = performance.now();
  let bag: FaultKind[] = [];
  while (!isOver()) {
    if (bag.length === 0) bag = [...kinds];
    const kind = bag.splice(Math.floor(random() * bag.length), 1)[0]!;
    if (!(await strike(injector, kind, signal))) {
      bag.push(...(bag.length === 0 ? kinds : [kind]));
      continue;
    }
    // After a strike that had to wait for its chance the next one is not hurried.
    nextMs = Math.max(nextMs, performance.now() - everyMs / 2) + everyMs;
    await delay(Math.max(0, nextMs - performance.now()), undefined, { signal }).catch(() => undefined);
  }
}

/** Tries until the fault strikes something. @returns false if there was nothing to strike for too long. */
async function strike(injector: FaultInjector, kind: FaultKind, signal: AbortSignal): Promise<boolean> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    signal.throwIfAborted();
    const fault = await injector.strike(kind).catch(() => undefined);
    if (fault && hasStruck(fault)) return true;
    await delay(TRY_AGAIN_MS);
  }
  return false;
}

/** Whether it struck anything: an agent that held nothing any more when it was hit does not count. */
const hasStruck = ({ kind, held }: Fault): boolean => !AGENT_FAULTS.includes(kind) || held.length > 0;

async function measure(hive: CampaignHive, faults: readonly Fault[]): Promise<Sample[]> {
  const recorded = await recordedTimes(hive.database);
  return [
    ...recoveries(faults, await runsOf(hive.database, faults)),
    ...throughputGaps(faults, recorded),
    ...resumptions(faults, recorded),
  ];
}

function refusedOf(events: EventRecorder, faults: readonly Fault[]): number {
  const frozen = new Set(faults.filter(({ kind }) => kind === "agent-freeze").map(({ incarnation }) => incarnation));
  return events.events.filter(({ type, incarnation }) => type === "task.fenced" && frozen.has(incarnation)).length;
}

/** Waits until Redis holds no work any more. @returns what it holds after all. */
async function atRest(hive: CampaignHive, signal: AbortSignal): Promise<string[]> {
  let left: string[] = [];
  await until("an empty Redis", REST_WITHIN_MS, signal, async () => {
    left = await leftInRedis(hive);
    return left.length === 0;
  }).catch(() => signal.throwIfAborted());
  return left;
}

async function until(
  what: string,
  withinMs: number,
  signal: AbortSignal,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    if (await isTrue().catch(() => false)) return;
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come within ${withinMs / 1000} s.`);
    await delay(TRY_AGAIN_MS);
  }
}
