import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import pg from "pg";
import { SCHEMA_VERSION } from "./inspect-schema.js";
import { runMigrations } from "./migrate.js";

let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase({ fingerprint: "empty", migrate: async () => undefined });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const changes = async () => (await client.query("select version, breaking from schema_change order by version")).rows;

test("replicas that start together on an empty database migrate it once", async () => {
  await Promise.all(Array.from({ length: 4 }, () => runMigrations(database.url)));
  expect(await changes()).toEqual(
    Array.from({ length: SCHEMA_VERSION }, (_, index) => ({ version: index + 1, breaking: false })),
  );
  expect((await client.query("select epoch from hive_state")).rows).toEqual([{ epoch: "1" }]);
});

test("functions are made anew when their text differs from this release's, and only then", async () => {
  await runMigrations(database.url);
  const made = async () => (await client.query("select oid from pg_proc where proname = 'record_results'")).rows;
  const first = await made();
  await runMigrations(database.url);
  expect(await made()).toEqual(first);
  await client.query("drop function lock_workflows(uuid[])");
  await client.query("create function lock_workflows(only_one uuid) returns void language sql as 'select'");
  await client.query("update hive_state set functions_sha256 = 'of an earlier release'");
  await runMigrations(database.url);
  const { rows } = await client.query(
    "select oid::regprocedure::text as f from pg_proc where proname = 'lock_workflows'",
  );
  expect(rows).toEqual([{ f: "lock_workflows(uuid[])" }]);
});

test("a newer schema is accepted with a warning, unless its change breaks this release", async () => {
  await runMigrations(database.url);
  const newer = SCHEMA_VERSION + 1;
  await client.query("insert into schema_change (version, purpose, breaking) values ($1, 'harmless', false)", [newer]);
  const warnings: string[] = [];
  await runMigrations(database.url, { warn: (message) => warnings.push(message) });
  expect(warnings).toEqual([expect.stringContaining(`schema version ${newer}`)]);
  await client.query("insert into schema_change (version, purpose, breaking) values ($1, 'harmful', true)", [
    newer + 1,
  ]);
  await expect(runMigrations(database.url)).rejects.toMatchObject({ code: "schema_too_new" });
});
