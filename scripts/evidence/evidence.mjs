// Takes each remedy out of the built code, runs the test that guards it, and sees the test fail; then puts it back.
// `npm run evidence` all of them, `npm run evidence -- idle frozen` those whose statement has one of the words. Prints the
// rows of docs/evidence.md; ends with 1 if a test passes without its remedy. It changes `dist/` while it runs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { EmbeddedStores } from "../../packages/launcher/dist/index.js";
import { REMEDIES } from "./remedies.mjs";

/** Longer than any wait of a test for what does not come. */
const TEST_TIMEOUT_MS = 240_000;

process.chdir(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const words = process.argv.slice(2);
const chosen = REMEDIES.filter(({ statement }) => words.length === 0 || words.some((word) => statement.includes(word)));
const originals = new Map();
process.on("exit", putBack);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

const stores = await EmbeddedStores.start({});
try {
  for (const remedy of chosen) {
    for (const cut of [remedy, remedy.also ?? []].flat()) takeOut(cut);
    const failure = await failureOf(remedy);
    putBack();
    console.log(row(remedy, failure));
    if (failure === undefined) process.exitCode = 1;
  }
} finally {
  await stores.stop();
}

function takeOut({ file, out, by }) {
  const code = readFileSync(file, "utf8");
  if (!originals.has(file)) originals.set(file, code);
  if (code.split(out).length !== 2) throw new Error(`${file} has not exactly once: ${out}`);
  writeFileSync(
    file,
    code.replace(out, () => by),
  );
}

function putBack() {
  for (const [file, code] of originals) writeFileSync(file, code);
  originals.clear();
}

/** What the test said, in one line; undefined if it passed. */
async function failureOf({ test, name }) {
  const pattern = `${name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
  const options = ["--config=jest.config.js", "--json", "--forceExit", `--testTimeout=${TEST_TIMEOUT_MS}`];
  const jest = spawn(
    process.execPath,
    [join("node_modules", "jest", "bin", "jest.js"), test, "-t", pattern, ...options],
    {
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        DATABASE_URL: stores.databaseUrl,
        REDIS_URL: stores.redisUrl,
        NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning",
      },
    },
  );
  const [output] = await Promise.all([text(jest.stdout), once(jest, "exit")]);
  const report = JSON.parse(output.split("\n").find((line) => line.startsWith('{"num')));
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  if (report.numPassedTests + report.numFailedTests === 0) throw new Error(`No test of ${test} has the name: ${name}`);
  const messages = results.flatMap(({ failureMessages }) => failureMessages);
  return messages.length === 0 ? undefined : gist(messages[0]);
}

function gist(message) {
  const lines = message.replaceAll(/\u001B\[\d+m/g, "").split("\n");
  const told = lines.filter((line) => line.trim() !== "" && !/^\s+at /.test(line)).map((line) => line.trim());
  return told.slice(0, 4).join(" ").slice(0, 220);
}

function row({ statement, remedy, test, name }, failure) {
  const said =
    failure === undefined
      ? "NOTHING: IT PASSED"
      : `\`${failure.replaceAll("|", String.raw`\|`).replaceAll("`", "'")}\``;
  return `| ${statement} | ${remedy} | \`${test.replace("/dist/", "/src/").replace(/\.js$/, ".ts")}\`: ${name} | ${said} |`;
}
