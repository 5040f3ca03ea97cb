import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import type pg from "pg";
import { createPool } from "./database.js";
import { SCHEMA_VERSION, inspectSchema } from "./inspect-schema.js";
import { runMigrations } from "./migrate.js";

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase({ fingerprint: "empty", migrate: async () => undefined });
  // Its connections may be cut when the database is dropped: they end a moment after the pool says so.
  pool = createPool({ url: database.url, applicationName: "inspect-schema" });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

test("of a database that was migrated nothing is missing", async () => {
  await runMigrations(database.url);
  expect(await inspectSchema(pool)).toEqual({
    version: SCHEMA_VERSION,
    wantedVersion: SCHEMA_VERSION,
    missingTables: [],
    missingFunctions: [],
    areFunctionsCurrent: true,
  });
});

test("of an empty database everything is", async () => {
  const { version, missingTables, missingFunctions, areFunctionsCurrent } = await inspectSchema(pool);
  expect({ version, areFunctionsCurrent }).toEqual({ version: 0, areFunctionsCurrent: false });
  expect(missingTables).toEqual(expect.arrayContaining(["workflow", "task", "attempt_history", "hive_state"]));
  expect(missingFunctions).toContain("record_results");
});

test("what was dropped or made from another text is named", async () => {
  await runMigrations(database.url);
  await pool.query("drop table dead_letter cascade");
  await pool.query("drop function lock_workflows(uuid[])");
  await pool.query("update hive_state set functions_sha256 = 'of an earlier release'");

  expect(await inspectSchema(pool)).toMatchObject({
    missingTables: ["dead_letter"],
    missingFunctions: ["lock_workflows"],
    areFunctionsCurrent: false,
  });
});
