/**
 * The SQL against its specification: random scenarios go to the store and to the pure model of packages/domain, and after
 * every step all rows and all that was returned are compared. More on demand: `CONFORMANCE_CASES`; a failure says its seed
 * and the shortest scenario found that fails, and `CONFORMANCE_SEED` repeats it.
 */
import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import { runMigrations } from "./migrate.js";
import { schemaFingerprint } from "./sql.js";
import { campaign } from "./test-fixtures/conformance/campaign.js";

const CASES = Number(process.env.CONFORMANCE_CASES ?? 300);
const SEED = Number(process.env.CONFORMANCE_SEED ?? 1);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
});
afterAll(() => database.drop());

test(
  `SQL and model agree on every row and every answer, over ${CASES} random scenarios`,
  async () => {
    await campaign({ url: database.url, cases: CASES, seed: SEED });
  },
  60_000 + CASES * 1_000,
);
