import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { MIGRATIONS } from "./migrations/index.js";
import { readFunctions } from "./sql.js";

const MIGRATIONS_FOLDER = join(import.meta.dirname, "migrations");

/** The schema that this release is written for. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** How the schema of a database compares with the one that this release is written for. */
export interface SchemaInspection {
  /** The newest change that was made to the database; 0 if none was. */
  version: number;
  /** `SCHEMA_VERSION` of this release. */
  wantedVersion: number;
  /** Tables of this release that the database lacks. */
  missingTables: string[];
  /** Functions of this release that the database lacks. */
  missingFunctions: string[];
  /** Whether the functions were made from the texts of this release, as `hive_state.functions_sha256` tells. */
  areFunctionsCurrent: boolean;
}

/** Looks at the schema and changes nothing; a session that may only read is enough. */
export async function inspectSchema(pool: Pick<pg.ClientBase, "query">): Promise<SchemaInspection> {
  const { functions, sha256 } = readFunctions();
  const wantedFunctions = functions.map(({ name }) => name);
  const { rows: tables } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = current_schema()`,
  );
  const { rows: made } = await pool.query<{ name: string }>(
    `select distinct proname as name from pg_proc
     where pronamespace = current_schema()::regnamespace and proname = any ($1)`,
    [wantedFunctions],
  );
  const missingTables = without(tablesOfThisRelease(), tables);
  return {
    version: missingTables.includes("schema_change") ? 0 : await newestVersion(pool),
    wantedVersion: SCHEMA_VERSION,
    missingTables,
    missingFunctions: without(wantedFunctions, made),
    areFunctionsCurrent: !missingTables.includes("hive_state") && (await functionsSha256(pool)) === sha256,
  };
}

const without = (wanted: string[], found: { name: string }[]): string[] =>
  wanted.filter((name) => !found.some((each) => each.name === name));

/** What the migrations create, less what later ones drop. */
function tablesOfThisRelease(): string[] {
  const files = readdirSync(MIGRATIONS_FOLDER).filter((file) => file.endsWith(".sql"));
  const text = files
    .sort()
    .map((file) => readFileSync(join(MIGRATIONS_FOLDER, file), "utf8"))
    .join("\n");
  const dropped = new Set(Array.from(text.matchAll(/^drop table (\w+)/gm), ([, name]) => name!));
  return Array.from(text.matchAll(/^create table (\w+)/gm), ([, name]) => name!).filter((name) => !dropped.has(name));
}

async function newestVersion(pool: Pick<pg.ClientBase, "query">): Promise<number> {
  const { rows } = await pool.query<{ version: number }>(
    "select coalesce(max(version), 0) as version from schema_change",
  );
  return rows[0]!.version;
}

async function functionsSha256(pool: Pick<pg.ClientBase, "query">): Promise<string | null | undefined> {
  const { rows } = await pool.query<{ sha256: string | null }>("select functions_sha256 as sha256 from hive_state");
  return rows[0]?.sha256;
}
