// Makes a clone ready to run: packages, Node 24, build, Redis. Needs nothing but npm and Node 20 or newer, says what
// takes long, and does only what is missing; so every command of package.json begins with it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = [20, 11];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_24 = join(ROOT, "node_modules", ".bin", "node");

process.chdir(ROOT);
requireNode();
if (!packagesAreInstalled()) installPackages();
build();
provideRedis();

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(
    `Agent Hive sets itself up with Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node}. See https://nodejs.org.`,
  );
}

/** Compares what npm wrote down when it installed with what package-lock.json asks for. */
function packagesAreInstalled() {
  if (!existsSync("node_modules/.package-lock.json") || !existsSync(NODE_24)) return false;
  const packagesIn = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packagesIn("node_modules/.package-lock.json");
  return Object.entries(packagesIn("package-lock.json")).every(([path, wanted]) => {
    if (!path.startsWith("node_modules/")) return true; // the workspaces themselves
    const found = installed[path];
    return found ? found.version === wanted.version : Boolean(wanted.optional || wanted.peer); // e.g. another platform's
  });
}

function installPackages() {
  say("Installing packages; this takes about a minute, once.");
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm?.endsWith("js") ? [process.execPath, npm] : ["npm"];
  run("Installing packages", command, [...args, "ci", "--loglevel=error", "--no-audit", "--no-fund"]);
  if (!existsSync(NODE_24))
    fail(
      `npm did not install Node 24 as ${NODE_24}. Are install scripts switched off (npm config get ignore-scripts)?`,
    );
}

function build() {
  const isFirst = !existsSync("apps/cli/dist/main.js");
  if (isFirst) say("Building.");
  // Turbo's own habits would print notices and write below the home folder.
  const quiet = {
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    TURBO_CONFIG_DIR_PATH: join(ROOT, ".turbo", "config"),
  };
  const args = [
    join("node_modules", "turbo", "bin", "turbo"),
    "run",
    "build",
    "--output-logs=errors-only",
    "--log-prefix=none",
    "--ui=stream",
  ];
  run("The build", NODE_24, args, quiet);
}

function provideRedis() {
  if (process.env.REDIS_URL) return;
  run(
    "Finding a Redis server",
    NODE_24,
    [join("packages", "launcher", "dist", "stores", "provide-redis.js")],
    {},
    "inherit",
  );
}

/** Runs a step and keeps its output to itself unless it fails. */
function run(what, command, args, env = {}, stdio = "pipe") {
  const result = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", stdio, stdio],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  if (stdio === "pipe") process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  fail(`${what} failed${result.error ? `: ${result.error.message}` : "."}`);
}

function say(message) {
  console.log(message);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
