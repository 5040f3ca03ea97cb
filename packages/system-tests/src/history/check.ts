import { parseArgs } from "node:util";
import { checkRun } from "./check-run.js";
import { DEFAULT_THRESHOLDS } from "./checker/checker.js";
import type { Verdict } from "./checker/verdict.js";

const HELP = `Judges a recorded run by the invariants I1 to I8.

    node packages/system-tests/dist/history/check.js FILE --database URL [options]

  --database URL  the hive's PostgreSQL database, at rest
  --faults N      faults that the run must have had (default ${DEFAULT_THRESHOLDS.faults})
  --strikes N     faults that must have hit somebody who held work (default ${DEFAULT_THRESHOLDS.strikes})
  --json          prints the whole verdict as JSON

Exit code: 0 valid, 1 violated, 2 void (the run proves nothing), 64 it could not be judged.`;

const EXIT_CODES = { valid: 0, violated: 1, void: 2 } as const;

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 64;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      database: { type: "string" },
      faults: { type: "string", default: String(DEFAULT_THRESHOLDS.faults) },
      strikes: { type: "string", default: String(DEFAULT_THRESHOLDS.strikes) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined || values.database === undefined) {
    console.log(HELP);
    return values.help ? 0 : 64;
  }
  const thresholds = { faults: Number(values.faults), strikes: Number(values.strikes) };
  const verdict = await checkRun({ file, databaseUrl: values.database, thresholds });
  console.log(values.json ? JSON.stringify(verdict, undefined, 2) : inWords(verdict));
  return EXIT_CODES[verdict.verdict];
}

function inWords({ verdict, violations, voids, counts }: Verdict): string {
  const figures = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  const found = violations.flatMap(({ invariant, message, events }) => [
    `${invariant}: ${message}`,
    ...events.map((event) => `    ${JSON.stringify(event)}`),
  ]);
  return [`${verdict}: ${figures.join(", ")}`, ...voids, ...found].join("\n");
}
