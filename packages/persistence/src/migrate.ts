import pg from "pg";
import type { DataSource } from "typeorm";
import { createDataSource } from "./database.js";
import { SchemaForbiddenError, SchemaTooNewError } from "./errors.js";
import { SCHEMA_VERSION, inspectSchema } from "./inspect-schema.js";
import { readFunctions } from "./sql.js";

/** Any constant that no other advisory lock of the database has. */
const MIGRATION_LOCK = 4_801_763_205;

/** PostgreSQL's code. */
const INSUFFICIENT_PRIVILEGE = "42501";

/** Migrations may rewrite large tables, and replicas wait for the one that does. */
const MIGRATION_TIMEOUT_MS = 30 * 60_000;

/**
 * Brings the database to this release's schema. Replicas may call it together: one migrates, the others wait for it.
 * A newer schema is left as it is, with a call of `warn`, unless a newer change is marked as breaking.
 *
 * @throws SchemaTooNewError, SchemaForbiddenError
 */
export async function runMigrations(url: string, options: { warn?: (message: string) => void } = {}): Promise<void> {
  const lock = new pg.Client({ connectionString: url, application_name: "agent-hive-migrations" });
  await lock.connect();
  try {
    // An account that may change no schema finds it made already, by whoever set the hive up.
    if (await isCurrent(lock)) return;
    await lock.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migrate(url, options.warn ?? (() => undefined)).catch((error: unknown) => {
      throw (error as Partial<pg.DatabaseError>).code === INSUFFICIENT_PRIVILEGE
        ? new SchemaForbiddenError(error)
        : error;
    });
  } finally {
    await lock.end();
  }
}

async function isCurrent(client: pg.Client): Promise<boolean> {
  const { version, areFunctionsCurrent, missingTables, missingFunctions } = await inspectSchema(client);
  const isComplete = missingTables.length === 0 && missingFunctions.length === 0;
  return version === SCHEMA_VERSION && isComplete && areFunctionsCurrent;
}

async function migrate(url: string, warn: (message: string) => void): Promise<void> {
  const dataSource = createDataSource({
    url,
    applicationName: "agent-hive-migrations",
    maxConnections: 1,
    statementTimeoutMs: MIGRATION_TIMEOUT_MS,
  });
  await dataSource.initialize();
  try {
    const newest = await newestChange(dataSource);
    if (newest.version > SCHEMA_VERSION) {
      if (newest.breaks) throw new SchemaTooNewError(SCHEMA_VERSION, newest.version);
      warn(
        `The database has schema version ${newest.version}, newer than this release's ${SCHEMA_VERSION}; nothing breaks.`,
      );
      return;
    }
    await dataSource.runMigrations({ transaction: "each" });
    await makeFunctions(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

async function newestChange(dataSource: DataSource): Promise<{ version: number; breaks: boolean }> {
  const [{ exists }] = await dataSource.query(`select to_regclass('schema_change') is not null as exists`);
  if (!exists) return { version: 0, breaks: false };
  const [newest] = await dataSource.query(
    `select coalesce(max(version), 0) as version, coalesce(bool_or(breaking) filter (where version > $1), false) as breaks
     from schema_change`,
    [SCHEMA_VERSION],
  );
  return newest;
}

/** Functions are no migrations: they are made anew, all in one transaction, whenever their text changed. */
async function makeFunctions(dataSource: DataSource): Promise<void> {
  const { functions, sha256 } = readFunctions();
  await dataSource.transaction(async (manager) => {
    const [state] = await manager.query(`select functions_sha256 from hive_state for update`);
    if (state.functions_sha256 === sha256) return;
    // Dropped first: one of an earlier release may have other parameters, and would live on beside its successor.
    const earlier = await manager.query(
      `select oid::regprocedure::text as signature from pg_proc
       where pronamespace = current_schema()::regnamespace and proname = any ($1)`,
      [functions.map(({ name }) => name)],
    );
    for (const { signature } of earlier) await manager.query(`drop function ${signature}`);
    for (const { statement } of functions) await manager.query(statement);
    await manager.query(`update hive_state set functions_sha256 = $1`, [sha256]);
  });
}
