import { DatabaseSync } from "node:sqlite";

/** What the data layer has to know about a table. */
export interface TableDefinition {
  name: string;
  columns: string[];
  booleans: string[];
  /** Columns that a search looks into. */
  searched: string[];
  /** The table each foreign key refers to, by column. */
  references: Record<string, string>;
  /** Whether the table notes when a record was last changed. */
  keepsChangeTime: boolean;
}

/**
 * Learns the tables from the schema itself: it is applied to an empty database in memory, and SQLite tells what came of it.
 * So a schema that SQLite refuses fails here, and data layer and database cannot differ.
 *
 * @throws Error of SQLite if the schema is wrong.
 */
export function tableDefinitions(schemaSql: string): TableDefinition[] {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec(schemaSql);
    const names = database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid",
      )
      .all();
    return names.map(({ name }) => tableDefinition(database, String(name)));
  } finally {
    database.close();
  }
}

function tableDefinition(database: DatabaseSync, name: string): TableDefinition {
  const columns = database.prepare("SELECT name, type FROM pragma_table_info(:name)").all({ name });
  const keys = database
    .prepare('SELECT "from", "table" FROM pragma_foreign_key_list(:name) ORDER BY id DESC')
    .all({ name });
  const namesOf = (type: RegExp): string[] =>
    columns.filter((column) => type.test(String(column["type"]))).map((column) => String(column["name"]));
  return {
    name,
    columns: namesOf(/^/),
    booleans: namesOf(/^BOOLEAN$/),
    searched: namesOf(/^VARCHAR/),
    references: Object.fromEntries(keys.map((key) => [String(key["from"]), String(key["table"])])),
    keepsChangeTime: columns.some((column) => column["name"] === "updated_at"),
  };
}
