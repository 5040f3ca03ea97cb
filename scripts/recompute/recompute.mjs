// Runs the demonstration again and again on stores that are kept, recomputes with SQL of its own what its files and its report
// show, and compares. It takes nothing from the validator or its measurement. See docs/demonstration.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EmbeddedStores } from "../../packages/launcher/dist/index.js";
import { createPool } from "../../packages/persistence/dist/index.js";
import { compare, unnoticedLies } from "./compare.mjs";

const HELP = `Runs the demonstration and compares every figure that PostgreSQL can tell with what its files show.

  npm run recompute -- [--runs N] [--json] [--verbose]

  --runs N    how many demonstrations, one after the other (default 10)
  --verbose   every comparison, not only those that differ
  --json      all comparisons as JSON

Not compared, since PostgreSQL does not have them: memory and processor time (read from the kernel), deliveries by stream and
lag (Redis), when a crash was noticed and claimed (verdicts and events), when somebody was struck (the act itself).
After each run a lie is put into every file, which has to be noticed.
Exit code 0 if all runs passed and all figures are equal.`;

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SQL = readFileSync(join(import.meta.dirname, "recomputed.sql"), "utf8");
const FILES = [
  "demonstration_results.json",
  "phase2_summary.json",
  "performance_analysis.json",
  "consumer_group_metrics.json",
  "workflow_execution_trace.json",
];

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    verbose: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs "${options.runs}": it must be a whole number from 1.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "recompute-"));
const stores = await EmbeddedStores.start({ databaseUrl: "", redisUrl: "" });
let child;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    interrupted = true;
    child?.kill("SIGINT");
  });
}
const total = { passed: 0, equal: 0, different: 0, unnoticed: 0 };
const all = [];
try {
  for (let run = 1; run <= runs && !interrupted; run++) {
    const { code, outputDir, databaseUrl } = await demonstrate(run);
    if (interrupted) break;
    if (code === 0) total.passed++;
    const { comparisons, unnoticed } = await compareRun(outputDir, databaseUrl);
    const different = comparisons.filter(({ isEqual }) => !isEqual);
    total.equal += comparisons.length - different.length;
    total.different += different.length;
    total.unnoticed += unnoticed.length;
    all.push({ run, code, comparisons, unnoticed });
    if (options.json) continue;
    console.log(
      `run ${run}: demonstration ${code === 0 ? "passed" : `ended with ${code}`}, ${comparisons.length - different.length} figures equal, ${different.length} different`,
    );
    if (unnoticed.length > 0) console.log(`  a lie was not noticed in ${unnoticed.join(", ")}`);
    for (const { isEqual, file, figure, shown, recomputed } of options.verbose ? comparisons : different) {
      console.log(
        `  ${isEqual ? "=" : "≠"} ${file} ${figure}: ${JSON.stringify(shown)} | ${JSON.stringify(recomputed)}`,
      );
    }
  }
} finally {
  await stores.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (options.json) console.log(JSON.stringify({ total, runs: all }, undefined, 2));
else
  console.log(
    `${total.passed} of ${runs} runs passed: ${total.equal} figures equal, ${total.different} different; lies not noticed: ${total.unnoticed}`,
  );
process.exitCode = interrupted ? 130 : total.passed === runs && total.different + total.unnoticed === 0 ? 0 : 1;

/** Each run has a database of its own; Redis is emptied. */
async function demonstrate(run) {
  const name = `recompute_${run}`;
  await query(stores.databaseUrl, `create database ${name}`);
  const database = new URL(stores.databaseUrl);
  database.pathname = `/${name}`;
  const outputDir = join(folder, String(run));
  const args = [join(ROOT, "apps/cli/dist/main.js"), "demo", "--demo-only", "--json", "--output-dir", outputDir];
  const env = { ...process.env, DATABASE_URL: database.href, REDIS_URL: stores.redisUrl, HIVE_KEY_PREFIX: "" };
  child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  return { code, outputDir, databaseUrl: database.href };
}

async function compareRun(outputDir, databaseUrl) {
  const files = Object.fromEntries(
    FILES.map((name) => [name, JSON.parse(readFileSync(join(outputDir, name), "utf8"))]),
  );
  files.report = chartsOf(readFileSync(join(outputDir, "phase2_demonstration_report.html"), "utf8"));
  const { fromMs, toMs } = files["performance_analysis.json"].window;
  const [{ figures }] = await query(databaseUrl, SQL, [files["demonstration_results.json"].workflow.id, fromMs, toMs]);
  return { comparisons: compare(files, figures), unnoticed: unnoticedLies(files, figures) };
}

/** What the report's charts are drawn from stands in the page as JSON, by the chart's name. */
function chartsOf(page) {
  const blocks = page.matchAll(/<script type="application\/json" id="data-([a-z]+)">([\s\S]*?)<\/script>/g);
  return Object.fromEntries([...blocks].map(([, name, text]) => [name, JSON.parse(text)]));
}

async function query(url, text, values = []) {
  const pool = createPool({ url, applicationName: "recompute", maxConnections: 1 });
  try {
    return (await pool.query(text, values)).rows;
  } finally {
    await pool.end();
  }
}
