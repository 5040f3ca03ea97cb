/** Engines at once against the model one after another: see conform-at-once.ts. */
import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import { runMigrations } from "./migrate.js";
import { schemaFingerprint } from "./sql.js";
import { campaignAtOnce } from "./test-fixtures/conformance/campaign.js";

const CASES = Number(process.env.SERIAL_CASES ?? 60);
const SEED = Number(process.env.CONFORMANCE_SEED ?? 1);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
});
afterAll(() => database.drop());

test(
  `what two to four engines do at once is what they would do in some order, in ${CASES} random scenarios`,
  () => campaignAtOnce({ url: database.url, cases: CASES, seed: SEED }),
  60_000 + CASES * 1_000,
);
