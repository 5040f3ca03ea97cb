// Runs a load scenario with k6: `npm run load -- smoke [k6 options]`, against HIVE_URL, else the hive that `npm run dev`
// runs. K6 names the program if it is not on PATH.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readHiveState } from "../packages/launcher/dist/index.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SCENARIOS = join(ROOT, "load-tests", "scenarios");
const known = readdirSync(SCENARIOS).map((file) => file.replace(/\.ts$/, ""));
const [scenario, ...options] = process.argv.slice(2);
const k6 = process.env.K6 || "k6";
const url = process.env.HIVE_URL || readHiveState(join(ROOT, ".hive"))?.engineUrls[0];

if (!scenario || !existsSync(join(SCENARIOS, `${scenario}.ts`))) {
  end(`Which scenario? "npm run load -- NAME". There are: ${known.join(", ")}.`);
}
const { status, error } = spawnSync(k6, ["run", "--no-usage-report", ...options, join(SCENARIOS, `${scenario}.ts`)], {
  stdio: "inherit",
  env: url ? { ...process.env, HIVE_URL: url } : process.env,
});
if (error) {
  end(
    `${k6} cannot be run (${error.code}). Install k6 1.0 or newer (https://grafana.com/docs/k6), or set K6 to the program.`,
  );
}
process.exit(status ?? 1);

function end(message) {
  console.error(message);
  process.exit(1);
}
