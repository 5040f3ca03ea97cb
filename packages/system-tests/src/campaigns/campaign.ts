/** What campaigns share: flags, progress, stopping early, and a last line with the verdict. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** 0: everything held. 1: something did not. 2: it was ended before it could tell, or could not run. */
const EXIT_CODES = { passed: 0, failed: 1, void: 2 } as const;

export interface Flag {
  /** The default tells the kind: a number, or on and off. */
  default: number | boolean;
  what: string;
}

/** A target, and what was measured against it. */
export interface Measure {
  name: string;
  measured: number;
  /** It holds if the measured value is not above. */
  limit: number;
  unit: string;
}

export interface Outcome {
  measures: Measure[];
  /** In words; empty if nothing was wrong. */
  violations: string[];
  /** Whatever else is worth keeping. */
  figures: Record<string, unknown>;
  /** Why it says nothing, e.g. that it did not come to a single fault. */
  void?: string;
}

export interface Campaign<Flags extends Record<string, Flag>> {
  name: string;
  what: string;
  flags: Flags;
  run: (flags: { [Name in keyof Flags]: Flags[Name]["default"] }, control: Control) => Promise<Outcome>;
}

export interface Control {
  /** One line for people, on standard error. */
  tell: (line: string) => void;
  /** Aborted by Ctrl-C: come to an end, and judge what there is. */
  signal: AbortSignal;
  /** The same seed gives the same numbers, from 0 to 1. */
  random: () => number;
}

const COMMON = { seed: { default: 1, what: "of everything that is left to chance" } } satisfies Record<string, Flag>;

/** Runs a campaign as this process, and ends it. */
export async function campaign<Flags extends Record<string, Flag>>(what: Campaign<Flags>): Promise<never> {
  const flags: Record<string, Flag> = { ...what.flags, ...COMMON };
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(
        Object.entries(flags).map(([name, flag]) => [
          name,
          { type: typeof flag.default === "number" ? ("string" as const) : ("boolean" as const) },
        ]),
      ),
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage(what.name, what.what, flags));
    process.exit(0);
  }
  const chosen = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, read(name, (values as Record<string, unknown>)[name], flag)]),
  );
  const outcome = await run(what, chosen as Parameters<typeof what.run>[0], chosen["seed"] as number);
  const verdict = verdictOf(outcome);
  const report = { campaign: what.name, verdict, flags: chosen, ...outcome };
  if (typeof values.json === "string") writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  for (const violation of outcome.violations) process.stdout.write(`violation: ${violation}\n`);
  for (const { name, measured, limit, unit } of outcome.measures) {
    const holds = measured <= limit ? "holds" : "DOES NOT HOLD";
    process.stdout.write(`${name}: ${round(measured)} ${unit}, at most ${limit}: ${holds}\n`);
  }
  const why = outcome.void === undefined ? "" : ` (${outcome.void})`;
  process.stdout.write(`${what.name}: ${verdict}${why}, ${outcome.violations.length} violations\n`);
  process.exit(EXIT_CODES[verdict]);
}

/** The value below which the share of the sorted values lies; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

async function run<Flags extends Record<string, Flag>>(
  { run: body }: Campaign<Flags>,
  flags: Parameters<Campaign<Flags>["run"]>[0],
  seed: number,
): Promise<Outcome> {
  const stopping = new AbortController();
  // Once: a second Ctrl-C ends the process as it would any other, and the reaper ends what it started.
  process.once("SIGINT", () => stopping.abort());
  const since = performance.now();
  const tell = (line: string): void => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  try {
    return await body(flags, { tell, signal: stopping.signal, random: randomOf(seed) });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return { measures: [], violations: [], figures: {}, void: `it could not be carried out: ${String(error)}` };
  }
}

function verdictOf({ violations, measures, void: why }: Outcome): keyof typeof EXIT_CODES {
  if (violations.length > 0) return "failed";
  if (why !== undefined) return "void";
  return measures.every(({ measured, limit }) => measured <= limit) ? "passed" : "failed";
}

function read(name: string, given: unknown, flag: Flag): number | boolean {
  if (given === undefined) return flag.default;
  if (typeof flag.default === "boolean") return true;
  const number = Number(given);
  if (Number.isFinite(number) && number >= 0) return number;
  process.stderr.write(`--${name} must be a number from 0 on; it is ${JSON.stringify(given)}.\n`);
  process.exit(EXIT_CODES.void);
}

function usage(name: string, what: string, flags: Record<string, Flag>): string {
  const lines = Object.entries(flags).map(
    ([flag, { default: value, what: meaning }]) => `  --${flag.padEnd(18)} ${meaning} (default ${value})`,
  );
  return [
    `node packages/system-tests/dist/campaigns/${name}.js [flags]`,
    "",
    what,
    "",
    ...lines,
    `  --${"json FILE".padEnd(18)} writes all figures there`,
    "",
    "Ends with 0 if everything held, 1 if not, 2 if it could not tell.",
    "",
  ].join("\n");
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A small generator (mulberry32): for choosing faults, not for secrets. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
