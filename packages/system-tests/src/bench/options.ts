import { parseArgs } from "node:util";
import type { Layout } from "./hive/hive-pipeline.js";

export interface BenchOptions {
  /** Names of scenarios; undefined: all. */
  only: string[] | undefined;
  rounds: number;
  /** Of a burst, and in all of the closed loop. */
  workflows: number;
  inFlight: number;
  /** Workflows one at a time. */
  singles: number;
  fanOuts: number;
  kills: number;
  idleSeconds: number;
  slots: number;
  agents: number;
  layout: Layout;
  roofline: string | undefined;
  json: string | undefined;
  profile: string | undefined;
}

type Sizes = Pick<BenchOptions, "rounds" | "workflows" | "singles" | "fanOuts" | "kills" | "idleSeconds">;

const FULL: Sizes = { rounds: 5, workflows: 4_000, singles: 200, fanOuts: 20, kills: 12, idleSeconds: 10 };
const QUICK: Sizes = { rounds: 1, workflows: 1_000, singles: 50, fanOuts: 5, kills: 4, idleSeconds: 5 };

export const HELP = `Measures the real services over HTTP, in turn with a bare pipeline on the same stores.

Usage: npm run bench -- [options]

  --only NAMES      scenarios, comma separated: burst, in-flight, one, fan-out, recovery, idle (default: all)
  --rounds N        how often each scenario runs on each system (default ${FULL.rounds})
  --quick           smaller loads and one round, for a first look
  --workflows N     workflows of a burst, and in all of in-flight (default ${FULL.workflows}; quick ${QUICK.workflows})
  --in-flight N     workflows in flight (default 100)
  --slots N         tasks at once of every agent (default 256)
  --agents N        agent processes: of each type, or in all with --layout shared (default 1; recovery: at least 2).
                    The bare pipeline has as many, each of which serves all types.
  --layout NAME     per-type: each agent process serves one type, as in the product (default);
                    shared: each serves all types
  --roofline DIR    for burst and one, compare with this bare pipeline instead of the repository's: a folder with
                    run.mjs N AGENTS and lat.mjs N
  --profile DIR     keep CPU profiles of the services and statistics of the stores there, with a summary
  --json FILE       write all measurements there
  --help            this text
`;

/** @throws TypeError naming the option that is not understood. */
export function readOptions(args: string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      workflows: { type: "string" },
      "in-flight": { type: "string", default: "100" },
      slots: { type: "string", default: "256" },
      agents: { type: "string", default: "1" },
      layout: { type: "string", default: "per-type" },
      roofline: { type: "string" },
      profile: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { layout } = values;
  if (layout !== "per-type" && layout !== "shared")
    throw new TypeError(`--layout is "${layout}"; there are "per-type" and "shared".`);
  const sizes = values.quick ? QUICK : FULL;
  return {
    ...sizes,
    only: values.only?.split(",").map((name) => name.trim()),
    rounds: count("rounds", values.rounds) ?? sizes.rounds,
    workflows: count("workflows", values.workflows) ?? sizes.workflows,
    inFlight: count("in-flight", values["in-flight"])!,
    slots: count("slots", values.slots)!,
    agents: count("agents", values.agents)!,
    layout,
    roofline: values.roofline,
    profile: values.profile,
    json: values.json,
  };
}

function count(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new TypeError(`--${name} is "${value}"; a whole number from 1 on is needed.`);
  return number;
}
