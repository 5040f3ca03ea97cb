/** SQLite's keywords: generated SQL names tables and columns without quotes, as people write it. */
const SQL_KEYWORDS =
  `abort action add after all alter always analyze and as asc attach autoincrement before begin between by
cascade case cast check collate column commit conflict constraint create cross current current_date current_time
current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape except exclude
exclusive exists explain fail filter first following for foreign from full generated glob group groups having if ignore
immediate in index indexed initially inner insert instead intersect into is isnull join key last left like limit match
materialized natural no not nothing notnull null nulls of offset on or order others outer over partition plan pragma preceding
primary query raise range recursive references regexp reindex release rename replace restrict returning right rollback row rows
savepoint select set table temp temporary then ties to transaction trigger unbounded union unique update using vacuum values
view virtual when where window with without`.split(/\s+/);

/** Tables, pages and parts of the API that every application has. */
const APPLICATION = [
  "account",
  "accounts",
  "session",
  "sessions",
  "login",
  "logout",
  "register",
  "assets",
  "api",
  "public",
];

/** Columns and query parameters that every table has, and what JavaScript gives every object. */
const RECORD = ["id", "created_at", "updated_at", "search", "limit", "offset", "rowid", "oid", "constructor"];

/** Names a table, path or file may not have. */
export const RESERVED_PLURALS: ReadonlySet<string> = new Set([...SQL_KEYWORDS, ...APPLICATION, "constructor"]);

/** Names an entity may not have: types and pages are called by them. */
export const RESERVED_ENTITIES: ReadonlySet<string> = new Set([
  ...APPLICATION,
  "constructor",
  "problem",
  "credentials",
  "role_change",
]);

/** Names a column may not have. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set([...SQL_KEYWORDS, ...RECORD]);
