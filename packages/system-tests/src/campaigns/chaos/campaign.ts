/** A campaign: round after round until there were faults enough; what they came to, added up. */
import type { EmbeddedStores } from "@agent-hive/launcher";
import { momentNow, type Fault, type FaultKind } from "./fault-kinds.js";
import type { Measure, Sample } from "./measurements.js";
import type { CampaignOptions } from "./options.js";
import { spreadOf, type Spread } from "./percentiles.js";
import { runRound, type RoundResult } from "./round.js";

const WORST = 10;
/** A campaign of which fewer faults struck anything says nothing. */
const FEWEST_STRUCK = 0.5;
/** What is slow to heal, with tens of seconds to spare at the end of a round. */
const ROUND_MS = 180_000;

export interface Figure extends Spread {
  measure: Measure;
  kind: FaultKind;
  /** Samples that are not among those counted, and why. */
  apart: Record<string, Spread>;
  /** How often it did not happen at all. */
  never: number;
}

export interface CampaignResult {
  verdict: "valid" | "violated" | "void";
  faults: Partial<Record<FaultKind, { done: number; struck: number }>>;
  workflows: number;
  tasks: number;
  seconds: number;
  lateResultsRefused: number;
  givenUpInVain: number;
  violations: string[];
  /** Why the history of a round cannot be judged. */
  voids: string[];
  figures: Figure[];
  worst: (Sample & { round: number })[];
}

export interface CampaignEvents {
  /** Rounds of an earlier run that count. */
  finished: readonly RoundResult[];
  onRound: (rounds: readonly RoundResult[]) => void;
  onProgress: (line: string) => void;
  onFault: (fault: Fault) => void;
  stateDir?: string;
  signal: AbortSignal;
}

/** Runs what is missing of the rounds; each is told as soon as it is finished. */
export async function runCampaign(
  stores: EmbeddedStores,
  options: CampaignOptions,
  events: CampaignEvents,
): Promise<RoundResult[]> {
  const rounds = [...events.finished];
  for (;;) {
    const left = missing(options, rounds);
    if (left === undefined) return rounds;
    const number = rounds.length + 1;
    const round = await runRound(
      stores,
      { faults: left.faults, deadlineMs: momentNow().monotonicMs + left.ms },
      {
        ...options,
        number,
        stateDir: events.stateDir,
        signal: events.signal,
        onFault: events.onFault,
        onProgress: ({ faults, ended, open }) =>
          events.onProgress(`round ${number}: ${faults.length} faults, ${ended} workflows ended, ${open} open`),
      },
    );
    rounds.push(round);
    events.onRound(rounds);
  }
}

/** How many faults, or for how long, the next round has to go on; undefined if there is no next round. */
function missing(
  { count, minutes, everyMs, roundFaults }: CampaignOptions,
  rounds: readonly RoundResult[],
): { faults: number; ms: number } | undefined {
  const struck = rounds.reduce((sum, { faults }) => sum + faults.filter((fault) => fault.struck).length, 0);
  const wanted = minutes === undefined ? count : Math.ceil((minutes * 60_000) / everyMs);
  const faults = Math.min(roundFaults, wanted - struck);
  return faults > 0 ? { faults, ms: minutes === undefined ? Infinity : ROUND_MS } : undefined;
}

export function resultOf(rounds: readonly RoundResult[]): CampaignResult {
  const samples = rounds.flatMap((round) => round.samples.map((sample) => ({ ...sample, round: round.number })));
  const violations = rounds.flatMap((round) => round.violations.map((text) => `round ${round.number}: ${text}`));
  const all = rounds.flatMap(({ faults }) => faults);
  const voids = rounds.flatMap((round) => round.voids.map((text) => `round ${round.number}: ${text}`));
  const isVoid =
    voids.length > 0 || all.length === 0 || all.filter(({ struck }) => struck).length < FEWEST_STRUCK * all.length;
  return {
    verdict: violations.length > 0 ? "violated" : isVoid ? "void" : "valid",
    faults: countsOf(all),
    workflows: sum(rounds, ({ workflows }) => workflows),
    tasks: sum(rounds, ({ tasks }) => tasks),
    seconds: Math.round(sum(rounds, ({ seconds }) => seconds)),
    givenUpInVain: sum(rounds, ({ givenUpInVain }) => givenUpInVain),
    lateResultsRefused: sum(rounds, ({ lateResultsRefused }) => lateResultsRefused),
    violations,
    voids,
    figures: figuresOf(samples),
    worst: samples.toSorted((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity)).slice(0, WORST),
  };
}

const sum = <T>(of: readonly T[], value: (one: T) => number): number =>
  of.reduce((total, one) => total + value(one), 0);

function countsOf(faults: RoundResult["faults"]): CampaignResult["faults"] {
  const byKind = Object.entries(Object.groupBy(faults, ({ kind }) => kind));
  return Object.fromEntries(
    byKind.map(([kind, of]) => [kind, { done: of.length, struck: of.filter(({ struck }) => struck).length }]),
  );
}

function figuresOf(samples: readonly Sample[]): Figure[] {
  const groups = Map.groupBy(samples, ({ measure, kind }) => `${kind} ${measure}`);
  return [...groups.values()].map((of) => {
    const counted = of.filter(({ apart }) => apart === undefined);
    const apart = Map.groupBy(
      of.filter((sample) => sample.apart !== undefined),
      (sample) => sample.apart!,
    );
    return {
      measure: of[0]!.measure,
      kind: of[0]!.kind,
      ...spreadOf(times(counted)),
      never: of.filter(({ ms }) => ms === null).length,
      apart: Object.fromEntries([...apart].map(([why, several]) => [why, spreadOf(times(several))])),
    };
  });
}

const times = (samples: readonly Sample[]): number[] => samples.flatMap(({ ms }) => ms ?? []);
