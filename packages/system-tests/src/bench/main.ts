/** `npm run bench`: measures the hive against the bare pipeline. See docs/benchmarks.md. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { Bench } from "./bench.js";
import { BenchStores } from "./bench-stores.js";
import { conditionsOf } from "./conditions.js";
import { HELP, readOptions, type BenchOptions } from "./options.js";
import { summarise, textOf } from "./report.js";
import { SCENARIOS } from "./scenarios/index.js";
import type { Scenario } from "./scenarios/scenario.js";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(HELP);
  else await benchmark(options, scenariosOf(options));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}

async function benchmark(options: BenchOptions, scenarios: readonly Scenario[]): Promise<void> {
  const loadBefore = loadavg()[0]!;
  const stores = await BenchStores.start(tell);
  const bench = new Bench(options, stores, tell);
  const interrupted = Promise.race([interruption("SIGINT"), interruption("SIGTERM")]);
  try {
    const conditions = await conditionsOf(stores, loadBefore);
    if (!conditions.quiet)
      tell(`The machine is busy (load ${loadBefore.toFixed(2)}): figures tell of its other work, too.`);
    const signal = await Promise.race([bench.run(scenarios), interrupted]);
    if (signal !== undefined) {
      await bench.stop();
      process.exit(EXIT_CODES[signal]); // without waiting for what was cut off in the middle
    }
    const report = { conditions, options, summary: summarise(bench.runs), runs: bench.runs };
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`${textOf(report)}\n`);
  } finally {
    await bench.stop();
  }
}

async function interruption<Signal extends keyof typeof EXIT_CODES>(signal: Signal): Promise<Signal> {
  await once(process, signal);
  return signal;
}

function scenariosOf({ only }: BenchOptions): readonly Scenario[] {
  const known = SCENARIOS.map(({ name }) => name);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`There is no scenario "${unknown}". Known: ${known.map((name) => `"${name}"`).join(", ")}.`);
  return only ? SCENARIOS.filter(({ name }) => only.includes(name)) : SCENARIOS;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
