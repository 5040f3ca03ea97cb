// The gate: everything a change must pass, cheapest first. `npm run verify`; CI runs nothing else.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STEPS = [
  ["format", "prettier --check --log-level warn ."],
  ["types", "tsc -b"],
  ["types of load tests", "tsc -p load-tests"],
  ["lint", "oxlint --type-aware --deny-warnings"],
  ["arrows", "depcruise --config .dependency-cruiser.cjs --output-type err-long apps packages"],
  ["dead code", "knip"],
];

process.chdir(ROOT);
for (const [name, command] of STEPS) {
  const startedAt = performance.now();
  const [program, ...args] = command.split(" ");
  const { status, stdout, stderr } = spawnSync(join("node_modules", ".bin", program), args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  console.log(
    `${status === 0 ? "ok    " : "FAILED"} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
  );
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ""}${stderr ?? ""}\n${name}: ${command}\n`);
    process.exit(1);
  }
}
await import("./test.mjs");
