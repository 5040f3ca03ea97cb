// Random scenarios through the store and the pure model, compared after every step, on a database of its own.
//
//   DATABASE_URL=postgres://… node bench/conformance.mjs [--cases 1000] [--seed 1]
//
// At a failure it prints the seed and the shortest scenario found that fails, and ends with 1.
import { parseArgs } from "node:util";
import { createTestDatabase } from "@agent-hive/testing";
import { runMigrations, schemaFingerprint } from "../dist/index.js";
import { campaign } from "../dist/test-fixtures/conformance/campaign.js";

const { values } = parseArgs({
  options: { cases: { type: "string", default: "1000" }, seed: { type: "string", default: "1" } },
});
const database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
const startMs = performance.now();
const seconds = () => ((performance.now() - startMs) / 1000).toFixed(1);
try {
  const onProgress = (passed) => console.log(`${passed} cases passed, ${seconds()} s`);
  await campaign({ url: database.url, cases: Number(values.cases), seed: Number(values.seed), onProgress });
  console.log(`SQL and model agree in ${values.cases} cases of seed ${values.seed}, ${seconds()} s`);
} catch (error) {
  console.error(error.message, error.cause?.message ?? "");
  process.exitCode = 1;
} finally {
  await database.drop();
}
