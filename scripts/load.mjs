// Runs a load scenario with k6: `npm run load -- NAME [k6 options]`; --help tells all.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readHiveState } from "../packages/launcher/dist/index.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOAD_TESTS = join(ROOT, "load-tests");
const known = readdirSync(join(LOAD_TESTS, "scenarios")).map((file) => file.replace(/\.ts$/, ""));
const COMPARED = [
  ["messages_per_second", "value", ""],
  ["workflow_duration", "med", " ms"],
  ["workflow_duration", "p(95)", " ms"],
  ["http_req_duration{operation:submit}", "p(95)", " ms"],
];

const HELP = `npm run load -- SCENARIO [--save-baseline] [k6 options]

Scenarios: ${known.join(", ")}. load-tests/README.md tells what each does and measures.

  HIVE_URL        the engine (default: the hive that "npm run dev -- --load-handlers" runs)
  HIVE_API_KEY    its key, if it asks for one
  LOAD_RATE       messages a second; LOAD_SECONDS how long; LOAD_WORKFLOWS how many (burst); LOAD_PEAK (spike)
  LOAD_RESULTS    where NAME-<time>.json and .html go (default: load-tests/results)
  K6              the program, if it is not on PATH

--save-baseline keeps the figures in load-tests/baselines, which later runs are compared with.
Exit code 99: a threshold of load-tests/thresholds.ts was missed.`;

const args = process.argv.slice(2);
if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
  process.exit(args.length === 0 ? 1 : 0);
}
const [scenario, ...rest] = args;
if (!known.includes(scenario)) end(`There is no scenario "${scenario}". There are: ${known.join(", ")}.`);
const savesBaseline = rest.includes("--save-baseline");
const options = rest.filter((option) => option !== "--save-baseline");
const results = resolve(process.env.LOAD_RESULTS || join(LOAD_TESTS, "results"));
mkdirSync(results, { recursive: true });
const running = readHiveState(join(ROOT, ".hive"));
const url = process.env.HIVE_URL || running?.engineUrls[0];
const env = { ...process.env, LOAD_RESULTS: results, ...(url && { HIVE_URL: url }) };
const before = new Set(readdirSync(results));

const killer = scenario === "chaos" ? startChaos() : undefined;
const program = process.env.K6 || "k6";
const script = join(LOAD_TESTS, "scenarios", `${scenario}.ts`);
const k6 = spawn(program, ["run", "--no-usage-report", ...options, script], { stdio: "inherit", env });
// k6 ends by the same signal, and still writes what is known.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
k6.on("error", ({ code }) => {
  killer?.kill();
  end(
    `${program} cannot be run (${code}). Install k6 1.0 or newer (https://grafana.com/docs/k6), or set K6 to the program.`,
  );
});
k6.on("exit", (code) => {
  killer?.kill("SIGINT");
  const file = readdirSync(results).find((name) => name.endsWith(".json") && !before.has(name));
  if (file) compare(JSON.parse(readFileSync(join(results, file), "utf8")));
  process.exitCode = code ?? 1;
});

/** Kills an agent every ten seconds, as `hive chaos` does. */
function startChaos() {
  const command = ["apps/cli/dist/main.js", "chaos", "--every", process.env.LOAD_KILL_EVERY || "10"];
  return spawn(process.execPath, command, { cwd: ROOT, stdio: "inherit", env });
}

function compare({ metrics }) {
  const baselineFile = join(LOAD_TESTS, "baselines", `${scenario}.json`);
  if (savesBaseline) {
    mkdirSync(dirname(baselineFile), { recursive: true });
    const kept = Object.fromEntries(
      COMPARED.flatMap(([metric]) => (metrics[metric] ? [[metric, metrics[metric]]] : [])),
    );
    writeFileSync(baselineFile, `${JSON.stringify({ scenario, metrics: kept }, undefined, 2)}\n`);
    console.log(`Kept as the baseline: ${baselineFile}`);
    return;
  }
  if (!existsSync(baselineFile)) return;
  const baseline = JSON.parse(readFileSync(baselineFile, "utf8")).metrics;
  for (const [metric, value, unit] of COMPARED) {
    const [now, then] = [metrics[metric]?.[value], baseline[metric]?.[value]];
    if (now === undefined || !then) continue;
    const change = Math.round((now / then - 1) * 100);
    console.log(
      `  ${metric} ${value}: ${Math.round(now)}${unit}, baseline ${Math.round(then)}${unit} (${change < 0 ? "" : "+"}${change} %)`,
    );
  }
}

function end(message) {
  console.error(message);
  process.exit(1);
}
