// Random scenarios through the store and the pure model, compared after every step, on a database of its own.
//
//   DATABASE_URL=postgres://… node bench/conformance.mjs [--cases 1000] [--seed 1] [--at-once | --mutants]
//
// With --at-once two to four engines act at the same time, and some serial order must explain what they did.
// At a failure it prints the seed and the shortest scenario found that fails, and ends with 1. With --mutants it takes
// the conditions of mutants.mjs out of the SQL one by one, says after how many cases each was noticed, and ends with 1 if
// one was not within --cases; --file keeps to files of which the names contain this.
import { parseArgs } from "node:util";
import { createTestDatabase } from "@agent-hive/testing";
import pg from "pg";
import { runMigrations, schemaFingerprint } from "../dist/index.js";
import { readStatement } from "../dist/sql.js";
import { campaign, campaignAtOnce } from "../dist/test-fixtures/conformance/campaign.js";
import { MUTANTS } from "./mutants.mjs";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    file: { type: "string", default: "" },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const startMs = performance.now();
const seconds = () => ((performance.now() - startMs) / 1000).toFixed(1);

const database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
try {
  if (values.mutants) await runMutants();
  else await runCases();
} catch (error) {
  console.error(error.message, error.cause?.message ?? "");
  process.exitCode = 1;
} finally {
  await database.drop();
}

async function runCases() {
  const onProgress = (passed) => console.log(`${passed} cases passed, ${seconds()} s`);
  const run = values["at-once"] ? campaignAtOnce : campaign;
  await run({ url: database.url, cases, seed, onProgress });
  console.log(`SQL and model agree in ${cases} cases of seed ${seed}, ${seconds()} s`);
}

async function runMutants() {
  const client = new pg.Client(database.url);
  await client.connect();
  let noticed = 0;
  const chosen = MUTANTS.filter(([file]) => file.includes(values.file));
  for (const [file, text, replacement, when] of chosen) {
    const original = readStatement(file);
    if (!original.includes(text)) throw new Error(`${file}.sql has no ${JSON.stringify(text)}.`);
    await client.query(original.replace(text, replacement));
    const verdict = await verdictOnMutant(when === "at once" ? campaignAtOnce : campaign);
    await client.query(original);
    if (verdict !== undefined) noticed++;
    console.log(`${verdict ?? "NOT NOTICED"} | ${file} | ${JSON.stringify(text)} → ${JSON.stringify(replacement)}`);
  }
  await client.end();
  console.log(`${noticed} of ${chosen.length} noticed, ${seconds()} s`);
  if (noticed < chosen.length) process.exitCode = 1;
}

/** After how many cases the SQL as it is now was found to differ, and how; undefined if it was not. */
async function verdictOnMutant(run) {
  try {
    await run({ url: database.url, cases, seed, endOnFailure: true });
    return undefined;
  } catch (error) {
    const after = /failed after (\d+) test/.exec(error.message)?.[1] ?? "?";
    return `${after} | ${(error.cause ?? error).message.split("\n")[0].slice(0, 70)}`;
  }
}
