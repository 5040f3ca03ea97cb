import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** One step forward: a numbered SQL file beside this one, and what it is for. */
interface SchemaChange {
  version: number;
  file: string;
  purpose: string;
  /** Releases that do not know the change must not run on it. */
  breaking: boolean;
}

const CHANGES: SchemaChange[] = [
  { version: 1, file: "0001-create-tables.sql", purpose: "the tables of one hive", breaking: false },
  { version: 2, file: "0002-note-written-epoch.sql", purpose: "whether Redis has carried the epoch", breaking: false },
];

/** TypeORM orders migrations by the last 13 digits of their names. */
function migrationOf({ version, file, purpose, breaking }: SchemaChange): new () => MigrationInterface {
  return class {
    readonly name = `SchemaChange${String(version).padStart(13, "0")}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(readFileSync(join(import.meta.dirname, file), "utf8"));
      await runner.query(`insert into schema_change (version, purpose, breaking) values ($1, $2, $3)`, [
        version,
        purpose,
        breaking,
      ]);
    }

    async down(): Promise<void> {
      throw new Error(`Migrations only go forward: write the next one to undo ${file}.`);
    }
  };
}

/** All migrations in order; their number is the schema's version. */
export const MIGRATIONS = CHANGES.map(migrationOf);
