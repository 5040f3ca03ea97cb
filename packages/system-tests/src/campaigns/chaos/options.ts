import { parseArgs } from "node:util";
import { FAULT_KINDS, type FaultKind } from "./fault-kinds.js";

/** What a campaign is to be. Two runs with the same options do the same faults in the same order. */
export interface CampaignOptions {
  faults: FaultKind[];
  /** How many faults, unless `minutes` says for how long. */
  count: number;
  minutes?: number;
  everyMs: number;
  seed: number;
  replicas: number;
  agentsPerType: number;
  slots: number;
  load: number;
  roundFaults: number;
}

/** How it is to be reported. */
export interface ReportOptions {
  resume?: string;
  json?: string;
  stateDir?: string;
  verbose: boolean;
}

export const HELP = `Strikes a whole hive under load, again and again, and proves that nothing was lost, doubled or charged to the innocent.

    npm run prove -- [options]

  --faults LIST          kinds of faults, separated by commas (default: all of them)
                         ${FAULT_KINDS.slice(0, 5).join(", ")},
                         ${FAULT_KINDS.slice(5).join(", ")}
  --count N              so many faults that struck (default 50) ...
  --minutes M            ... or faults for so long
  --every MS             from one fault to the next (default 1000)
  --seed N               what is struck when; the same number gives the same plan (default: chosen at random)
  --replicas N           engines, routers and coordinators, of each (default 2)
  --agents-per-type N    processes of each of the four agent types (default 3)
  --slots N              tasks at once in each agent (default 1)
  --load F               share of the slots that is kept busy (default 0.4)
  --round N              faults of one round, which has a database of its own (default 100)
  --resume FILE          keep finished rounds in this file, and go on from what it holds
  --json FILE            write the whole result there
  --state-dir DIR        keep logs and stores in this folder (default: a temporary one)
  --verbose              tell every fault
  --help

Exit code: 0 valid, 1 violated, 2 void (the faults struck nothing), 3 could not run, 130 interrupted.
`;

/** @throws TypeError naming what cannot be used. @returns undefined if help is wanted. */
export function parseOptions(args: string[]): { campaign: CampaignOptions; report: ReportOptions } | undefined {
  const { values } = parseArgs({
    args,
    options: {
      faults: { type: "string", default: FAULT_KINDS.join(",") },
      count: { type: "string", default: "50" },
      minutes: { type: "string" },
      every: { type: "string", default: "1000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
      replicas: { type: "string", default: "2" },
      "agents-per-type": { type: "string", default: "3" },
      slots: { type: "string", default: "1" },
      load: { type: "string", default: "0.4" },
      round: { type: "string", default: "100" },
      resume: { type: "string" },
      json: { type: "string" },
      "state-dir": { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const campaign: CampaignOptions = {
    faults: values.faults.split(",").map(faultKind),
    count: wholeNumber("--count", values.count),
    ...(values.minutes !== undefined && { minutes: positive("--minutes", values.minutes) }),
    everyMs: wholeNumber("--every", values.every),
    seed: wholeNumber("--seed", values.seed, 0),
    replicas: wholeNumber("--replicas", values.replicas),
    agentsPerType: wholeNumber("--agents-per-type", values["agents-per-type"]),
    slots: wholeNumber("--slots", values.slots),
    load: positive("--load", values.load),
    roundFaults: wholeNumber("--round", values.round),
  };
  const { resume, json, "state-dir": stateDir, verbose } = values;
  return { campaign, report: { resume, json, stateDir, verbose } };
}

function faultKind(text: string): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === text.trim());
  if (kind === undefined) throw new TypeError(`There is no fault "${text}". There are: ${FAULT_KINDS.join(", ")}.`);
  return kind;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new TypeError(`${name} must be a number above 0, not "${text}".`);
  return value;
}

function wholeNumber(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === "")
    throw new TypeError(`${name} must be a whole number from ${least}, not "${text}".`);
  return value;
}
