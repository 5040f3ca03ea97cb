// Runs the tests: `npm test` all of them, `npm test -- packages/domain` those whose path matches; further options go to
// jest. PostgreSQL and Redis are started once for the run unless DATABASE_URL and REDIS_URL name them. System tests
// start whole hives, so they run one after another, when all others have finished.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { EmbeddedStores } from "../packages/launcher/dist/index.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SYSTEM_TESTS = "packages/system-tests";
const RUNS = [
  ["--maxWorkers=2", `--testPathIgnorePatterns=/node_modules/`, `--testPathIgnorePatterns=/${SYSTEM_TESTS}/`],
  ["--runInBand", `--roots=${SYSTEM_TESTS}`],
];

process.chdir(ROOT);
const chosen = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
let current;
/** @type {string | undefined} */
let interruptedBy;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    interruptedBy = signal;
    current?.kill(signal);
  });
}

try {
  const stores = await EmbeddedStores.start({ onProgress: (message) => console.log(message) });
  try {
    for (const options of RUNS) if (!interruptedBy) add(await jest(options, stores));
  } finally {
    await stores.stop();
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

const ran = total.passed + total.failed;
if (interruptedBy) console.error(`Interrupted by ${interruptedBy}.`);
if (ran === 0) console.error(`No test ran${chosen.length > 0 ? `: nothing matches ${chosen.join(" ")}` : ""}.`);
if (total.skipped > 0) console.log(`${total.skipped} skipped`);
if (total.failed > 0 || ran === 0 || interruptedBy) process.exitCode = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

async function jest(options, stores) {
  const program = join("node_modules", "jest", "bin", "jest.js");
  const flags = ["--config=jest.config.js", "--passWithNoTests", "--json"];
  // Paths come first: after an option that takes several values they would be taken for more of these.
  current = spawn(process.execPath, [program, ...chosen, ...flags, ...options], {
    stdio: ["ignore", "pipe", "inherit"], // the report for us on standard output, all that is for people on standard error
    env: {
      ...process.env,
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redisUrl,
      NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning",
    },
  });
  const [output, [code]] = await Promise.all([text(current.stdout), once(current, "exit")]);
  const report = output.split("\n").find((line) => line.startsWith('{"num'));
  const nothing = { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
  return { code, ...(report ? JSON.parse(report) : nothing) };
}

/** A file that could not even be loaded counts as one failure, and so does a run that failed without naming any. */
function add({ code, numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests }) {
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  total.passed += numPassedTests;
  total.failed += failed === 0 && code !== 0 ? 1 : failed;
  total.skipped += numPendingTests;
}
