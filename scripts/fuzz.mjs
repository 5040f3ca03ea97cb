// Fuzzes the engine's HTTP API from its OpenAPI document with Schemathesis: `npm run fuzz [-- --max-examples 200]`, against
// HIVE_URL, else a hive that is started for it. Schemathesis is installed into the cache folder, in the version below;
// it takes Python 3.10 or newer. Further options go to `schemathesis run`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HiveLauncher, cacheFolder } from "../packages/launcher/dist/index.js";

const VERSION = "4.32.5";
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const HOME = join(cacheFolder(), `schemathesis-${VERSION}`);
const PROGRAM = join(HOME, "bin", "schemathesis");
/** What must hold of every answer. Streams of events end with their workflow, which is not what this waits for. */
const CHECKS =
  "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method";
const LEFT_OUT = ["watchWorkflow", "watchHive"];

if (!existsSync(PROGRAM)) {
  run("python3", ["-m", "venv", HOME]);
  run(join(HOME, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", `schemathesis==${VERSION}`]);
}

const hive = process.env.HIVE_URL
  ? undefined
  : await HiveLauncher.start({ agentsPerType: 1, env: { HIVE_LOG_LEVEL: "warn" }, onProgress: console.error });
const url = process.env.HIVE_URL ?? hive.engineUrl;
try {
  const leftOut = LEFT_OUT.flatMap((id) => ["--exclude-operation-id", id]);
  const options = ["--checks", CHECKS, ...leftOut, "--no-color", ...process.argv.slice(2)];
  process.exitCode = run(PROGRAM, ["run", `${url}/docs-json`, "--url", url, ...options], { mayFail: true });
} finally {
  await hive?.stop();
}

function run(program, args, { mayFail = false } = {}) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit", cwd: existsSync(HOME) ? HOME : ROOT });
  if (error || (status !== 0 && !mayFail)) {
    console.error(`${program} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}.`);
    process.exit(1);
  }
  return status;
}
