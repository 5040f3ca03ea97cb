import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "sql");
const MIGRATIONS_FOLDER = join(import.meta.dirname, "migrations");

/** Reads one statement of `src/sql` by its file's name, without `.sql`. */
export function readStatement(name: string): string {
  return readFileSync(join(FOLDER, `${name}.sql`), "utf8");
}

/** A function of `src/sql`: its name in PostgreSQL and the statement that makes it. */
export interface SqlFunction {
  name: string;
  statement: string;
}

/** All functions of `src/sql`, and the SHA-256 of their texts. */
export function readFunctions(): { functions: SqlFunction[]; sha256: string } {
  const functions = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => readStatement(file.slice(0, -".sql".length)))
    .flatMap((statement) => {
      const name = /^create or replace function (\w+)/m.exec(statement)?.[1];
      return name === undefined ? [] : [{ name, statement }];
    });
  const sha256 = createHash("sha256")
    .update(functions.map(({ statement }) => statement).join("\0"))
    .digest("hex");
  return { functions, sha256 };
}

/** Names what `runMigrations` makes: 16 hex digits that change with any migration or function. */
export function schemaFingerprint(): string {
  const hash = createHash("sha256").update(readFunctions().sha256);
  for (const file of readdirSync(MIGRATIONS_FOLDER).sort()) {
    if (file.endsWith(".sql")) hash.update(readFileSync(join(MIGRATIONS_FOLDER, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
