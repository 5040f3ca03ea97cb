/**
 * Breaks the hive in every way that the table of mutants knows, and tells whether the checker saw it; and runs each scenario
 * in a sound hive, where it must see nothing.
 */
import { parseArgs } from "node:util";
import { EmbeddedStores } from "@agent-hive/launcher";
import type { Verdict } from "../history/index.js";
import { MUTANTS, MUTANT_VARIABLE, hookOf } from "./mutants.js";
import { SCENARIO_NAMES, runScenario, type ScenarioName } from "./scenarios.js";

const HELP = `Breaks the hive in each way of the table of mutants, runs its scenario, and tells whether the checker saw it; and
runs each scenario in a sound hive, where it must see nothing.

  node packages/system-tests/dist/mutants/run.js [--only NAME]… [--sound] [--json]

  --only NAME   only the mutants or scenarios of these names
  --sound       only the scenarios, in a sound hive
  --json        print the verdicts as JSON

Exit code 0 if every mutant was found and every sound run was valid, else 1.`;

interface Row {
  name: string;
  scenario: ScenarioName;
  verdict: Verdict["verdict"] | "error";
  invariants: Record<string, number>;
  asExpected: boolean;
  seconds: number;
  first: string | undefined;
  voids: string[];
}

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    sound: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
const known = [...SCENARIO_NAMES, ...MUTANTS.map(({ name }) => name)];
const unknown = options.only?.find((name) => !known.includes(name));
if (unknown !== undefined) {
  console.error(`There is no mutant or scenario "${unknown}". There are: ${known.join(", ")}.`);
  process.exit(2);
}
const isChosen = (name: string): boolean => options.only?.includes(name) ?? true;

const stores = await EmbeddedStores.start({ onProgress: tell });
process.env["DATABASE_URL"] = stores.databaseUrl;
process.env["REDIS_URL"] = stores.redisUrl;
const rows: Row[] = [];
try {
  for (const scenario of SCENARIO_NAMES) {
    if (isChosen(scenario)) await take(scenario, scenario, {}, ({ verdict }) => verdict === "valid");
    for (const { name, shows } of options.sound ? [] : MUTANTS.filter((mutant) => mutant.scenario === scenario)) {
      const env = { NODE_OPTIONS: hookOf(), [MUTANT_VARIABLE]: name };
      const isFound = ({ violations }: Verdict): boolean =>
        violations.some(({ invariant }) => shows.includes(invariant));
      if (isChosen(name)) await take(name, scenario, env, isFound);
    }
  }
} finally {
  await stores.stop();
}
if (options.json) console.log(JSON.stringify(rows, undefined, 2));
process.exitCode = rows.every(({ asExpected }) => asExpected) ? 0 : 1;

async function take(
  name: string,
  scenario: ScenarioName,
  env: NodeJS.ProcessEnv,
  isExpected: (verdict: Verdict) => boolean,
): Promise<void> {
  const before = performance.now();
  const row: Row = {
    name,
    scenario,
    verdict: "error",
    invariants: {},
    asExpected: false,
    seconds: 0,
    first: undefined,
    voids: [],
  };
  try {
    const verdict = await runScenario(scenario, env);
    for (const { invariant } of verdict.violations) row.invariants[invariant] = (row.invariants[invariant] ?? 0) + 1;
    const { voids } = verdict;
    Object.assign(row, {
      verdict: verdict.verdict,
      voids,
      first: verdict.violations[0]?.message,
      asExpected: isExpected(verdict),
    });
    if (options.json && !row.asExpected) Object.assign(row, { details: verdict });
  } catch (error) {
    row.first = (error as Error).message;
  }
  row.seconds = Math.round((performance.now() - before) / 100) / 10;
  rows.push(row);
  const found = Object.entries(row.invariants).map(([invariant, count]) => `${invariant} ×${count}`);
  tell(
    `${row.asExpected ? "ok    " : "FAILED"} ${name} (${scenario}, ${row.seconds} s): ${row.verdict} ${found.join(" ")} ${row.voids.join("; ")}\n         ${row.first ?? ""}`,
  );
}

function tell(line: string): void {
  console.error(line);
}
