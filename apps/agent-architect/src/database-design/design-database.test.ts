import { DatabaseSync } from "node:sqlite";
import { listExamples, parseProductSpec, readExample } from "@agent-hive/product-spec";
import { designDatabase } from "./design-database.js";

const schemaOf = (name: string): string => designDatabase(parseProductSpec(readExample(name))).files["schema.sql"]!;

function databaseOf(name: string): DatabaseSync {
  const database = new DatabaseSync(":memory:", { enableForeignKeyConstraints: true });
  database.exec(schemaOf(name));
  return database;
}

test.each(listExamples())(
  "SQLite accepts the schema of %s, and has a table for each entity, accounts and sessions",
  (name) => {
    const spec = parseProductSpec(readExample(name));
    const tables = databaseOf(name)
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid")
      .all();
    expect(tables.map((table) => table["name"])).toEqual([
      ...spec.entities.map(({ plural }) => plural),
      "accounts",
      "sessions",
    ]);
  },
);

test("the database itself refuses what the specification does not allow", () => {
  const database = databaseOf("bookshop");
  database.exec("INSERT INTO authors (id, name) VALUES (1, 'Ann')");
  const book = { title: "'T'", isbn: "'1234567890'", price: "1.5", stock: "1", format: "'audio'", author_id: "1" };
  const insert = (changes: Record<string, string>) => () => {
    const row = { ...book, ...changes };
    database.exec(`INSERT INTO books (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")})`);
  };
  expect(insert({ price: "-1" })).toThrow("CHECK constraint failed: price");
  expect(insert({ format: "'vinyl'" })).toThrow("CHECK constraint failed: format");
  expect(insert({ isbn: "'123'" })).toThrow("CHECK constraint failed: length(isbn)");
  expect(insert({ published: "'2024-02-30'" })).toThrow("CHECK constraint failed: published");
  expect(insert({ title: "NULL" })).toThrow("NOT NULL constraint failed: books.title");
  expect(insert({ author_id: "2" })).toThrow("FOREIGN KEY constraint failed");
  expect(insert({})).not.toThrow();
  expect(insert({})).toThrow("UNIQUE constraint failed: books.isbn");
  expect(() => database.exec("DELETE FROM authors")).toThrow("FOREIGN KEY constraint failed");
});

test("every foreign key is indexed", () => {
  const database = databaseOf("clinic");
  const unindexed = database
    .prepare(
      `SELECT m.name || '.' || f."from" AS key FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE NOT EXISTS (
         SELECT 1 FROM pragma_index_list(m.name) l, pragma_index_info(l.name) i WHERE i.seqno = 0 AND i.name = f."from")`,
    )
    .all();
  expect(unindexed).toEqual([]);
});
