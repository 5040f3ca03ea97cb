import { randomBytes } from "node:crypto";
import pg from "pg";
import { storeUrl } from "./store-url.js";

/** How the template that test databases are copied from is made. */
export interface DatabaseTemplate {
  /** Names the schema: lower-case letters, digits and _. Another fingerprint makes another template. */
  fingerprint: string;
  /** Brings an empty database to the schema. Called once per fingerprint and server. */
  migrate: (url: string) => Promise<void>;
}

/** A database of a test file's own. */
export interface TestDatabase {
  url: string;
  /** Ends whatever is connected to it and removes it. */
  drop(): Promise<void>;
}

const EMPTY: DatabaseTemplate = { fingerprint: "empty", migrate: async () => {} };

/** Any constant: test files take turns in making the template and copying it. */
const TEMPLATE_LOCK = 7_205_918_114;

/**
 * Makes a database for one test file by copying a migrated template, which takes some ten milliseconds.
 *
 * @param template default: an empty database.
 * @throws Error if DATABASE_URL is not set.
 */
export async function createTestDatabase(template = EMPTY): Promise<TestDatabase> {
  const server = storeUrl("DATABASE_URL");
  const { fingerprint, migrate } = template;
  const templateName = `hive_template_${fingerprint}`;
  const name = `hive_test_${process.pid}_${randomBytes(4).toString("hex")}`;
  await withClient(server, async (client) => {
    await client.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    if (!(await isComplete(client, templateName))) {
      await client.query(`drop database if exists ${templateName} with (force)`);
      await client.query(`create database ${templateName}`);
      await migrate(databaseUrl(server, templateName));
      // Written last: a template whose making was cut short is made anew.
      await client.query(`comment on database ${templateName} is 'complete'`);
    }
    await client.query(`create database ${name} template ${templateName}`);
  });
  return {
    url: databaseUrl(server, name),
    drop: () =>
      withClient(server, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

async function isComplete(client: pg.Client, database: string): Promise<boolean> {
  const { rows } = await client.query(
    "select shobj_description(oid, 'pg_database') = 'complete' as complete from pg_database where datname = $1",
    [database],
  );
  return rows[0]?.complete === true;
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "agent-hive-tests" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
