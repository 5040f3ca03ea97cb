import { SchemaForbiddenError, runMigrations, schemaFingerprint } from "@agent-hive/persistence";
import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import pg from "pg";
import { DATABASE_SERVICES, makeDatabaseAccounts, type DatabaseService } from "./database-accounts.js";

const PASSWORD = "a password";
let database: TestDatabase;
let nameOf: (service: DatabaseService) => string;

const accounts = (password = PASSWORD) =>
  DATABASE_SERVICES.map((service) => ({ name: nameOf(service), password, service }));

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
  nameOf = (service) => `${new URL(database.url).pathname.slice(1)}_${service}`;
  await makeDatabaseAccounts(database.url, accounts());
});
afterAll(async () => {
  const server = new URL(database.url);
  server.pathname = "/postgres";
  await database.drop();
  const client = await connected(server.href);
  for (const service of DATABASE_SERVICES) await client.query(`DROP ROLE "${nameOf(service)}"`);
  await client.end();
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function addressOf(service: DatabaseService, password = PASSWORD): string {
  const url = new URL(database.url);
  url.username = nameOf(service);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Whom the server lets run the statement; nothing of it stays. */
async function whoMay(statement: string): Promise<DatabaseService[]> {
  const allowed: DatabaseService[] = [];
  for (const service of DATABASE_SERVICES) {
    const client = await connected(addressOf(service));
    try {
      await client.query("BEGIN");
      await client.query(statement);
      allowed.push(service);
    } catch (error) {
      // "insufficient privilege", also where one has to own what is changed; anything else is a mistake of the test.
      expect({ statement, code: (error as pg.DatabaseError).code }).toEqual({ statement, code: "42501" });
    } finally {
      await client.end();
    }
  }
  return allowed;
}

test.each<[string, DatabaseService[]]>([
  ["SELECT * FROM workflow", ["workflow-engine", "metrics-validator"]],
  ["SELECT * FROM schema_change", ["workflow-engine", "metrics-validator"]],
  ["UPDATE task SET attempt = attempt", ["workflow-engine"]],
  ["DELETE FROM ready_queue", ["workflow-engine"]],
  ["UPDATE hive_state SET functions_sha256 = functions_sha256", ["workflow-engine"]],
  ["SELECT nextval('coordinator_term')", ["group-coordinator"]],
  ["SELECT setval('coordinator_term', 5)", ["group-coordinator"]],
  ["SELECT pg_try_advisory_xact_lock(1)", [...DATABASE_SERVICES]],
  ["INSERT INTO schema_change (version, purpose, breaking) VALUES (99, 'x', false)", []],
  ["TRUNCATE workflow CASCADE", []],
  ["DROP TABLE workflow", []],
  ["ALTER TABLE workflow ADD COLUMN x int", []],
  ["CREATE TABLE mine (x int)", []],
  ["CREATE TEMPORARY TABLE mine (x int)", []],
  ["CREATE ROLE mine", []],
  ["COPY workflow TO PROGRAM 'true'", []],
  ["SELECT pg_read_file('PG_VERSION')", []],
])("%s: for %p", async (statement, expected) => {
  expect(await whoMay(statement)).toEqual(expected);
});

test("the schema needs nothing from an engine that may not change it", async () => {
  await expect(runMigrations(addressOf("workflow-engine"))).resolves.toBeUndefined();
});

test("a schema of another release is told, and left as it is", async () => {
  const owner = await connected(database.url);
  const kept = await owner.query("SELECT functions_sha256 FROM hive_state");
  await owner.query("UPDATE hive_state SET functions_sha256 = 'another'");
  await expect(runMigrations(addressOf("workflow-engine"))).rejects.toThrow(SchemaForbiddenError);
  await owner.query("UPDATE hive_state SET functions_sha256 = $1", [kept.rows[0].functions_sha256]);
  await owner.end();
});

test("made again, an account has the new password and the rights that it had", async () => {
  await makeDatabaseAccounts(database.url, accounts("another one"));
  await expect(connected(addressOf("metrics-validator"))).rejects.toThrow(/password authentication failed/);
  const client = await connected(addressOf("metrics-validator", "another one"));
  await expect(client.query("SELECT * FROM task")).resolves.toMatchObject({ rowCount: 0 });
  await client.end();
  await makeDatabaseAccounts(database.url, accounts());
});

test("a right that was given by hand is taken back", async () => {
  const owner = await connected(database.url);
  await owner.query(`GRANT DELETE ON workflow TO "${nameOf("metrics-validator")}"`);
  await owner.end();
  expect(await whoMay("DELETE FROM workflow")).toEqual(["workflow-engine", "metrics-validator"]);
  await makeDatabaseAccounts(database.url, accounts());
  expect(await whoMay("DELETE FROM workflow")).toEqual(["workflow-engine"]);
});
