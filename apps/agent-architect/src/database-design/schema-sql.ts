import {
  ANYONE,
  relationColumn,
  tableName,
  type Entity,
  type Field,
  type ProductSpec,
  type Relation,
} from "@agent-hive/product-spec";

const NOW = "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
const ID = "id INTEGER PRIMARY KEY AUTOINCREMENT";
const CREATED = `created_at TIMESTAMP NOT NULL DEFAULT ${NOW}`;

/**
 * Writes the SQLite schema of a product: a table for each entity, and those of accounts and sessions.
 *
 * The declared types carry meaning for who reads the schema: VARCHAR is a line that can be searched, TEXT anything longer,
 * BOOLEAN is 0 or 1, DATE and TIMESTAMP are ISO 8601.
 */
export function schemaSql(spec: ProductSpec): string {
  const roles = spec.roles.map((role) => role.name).filter((name) => name !== ANYONE);
  return [
    header(spec),
    ...spec.entities.map((entity) => entityTable(entity, spec)),
    table("accounts", [
      ID,
      "email VARCHAR(254) NOT NULL COLLATE NOCASE UNIQUE",
      "password_hash TEXT NOT NULL",
      `role VARCHAR(40) NOT NULL ${oneOf("role", roles)}`,
      CREATED,
    ]),
    table("sessions", [
      ID,
      "token_hash TEXT NOT NULL UNIQUE",
      "account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE",
      "expires_at TIMESTAMP NOT NULL",
    ]),
    index("sessions", "account"),
  ].join("\n");
}

const header = (spec: ProductSpec): string =>
  `-- ${spec.name}: its tables. The API checks what it is sent; the constraints here hold whatever writes to the file.
-- VARCHAR is a line that can be searched, TEXT anything longer, BOOLEAN is 0 or 1, DATE and TIMESTAMP are ISO 8601.
`;

const table = (name: string, columns: string[]): string => `CREATE TABLE ${name} (\n  ${columns.join(",\n  ")}\n);\n`;

const index = (onTable: string, relation: string): string =>
  `CREATE INDEX ${onTable}_by_${relation} ON ${onTable} (${relationColumn({ name: relation })});\n`;

function entityTable(entity: Entity, spec: ProductSpec): string {
  const columns = [
    ID,
    ...entity.fields.map(fieldColumn),
    ...entity.relations.map((relation) => relationColumnSql(relation, spec)),
    CREATED,
    `updated_at TIMESTAMP NOT NULL DEFAULT ${NOW}`,
  ];
  return [
    table(tableName(entity), columns),
    ...entity.relations.map(({ name }) => index(tableName(entity), name)),
  ].join("\n");
}

function fieldColumn(field: Field): string {
  const isPresent = field.required || field.type === "boolean";
  return [field.name, declaredType(field), isPresent && "NOT NULL", field.unique && "UNIQUE", check(field)]
    .filter(Boolean)
    .join(" ");
}

function declaredType(field: Field): string {
  switch (field.type) {
    case "text":
      return `VARCHAR(${field.maxLength})`;
    case "email":
      return "VARCHAR(254)";
    case "choice":
      return "VARCHAR(40)";
    case "longtext":
      return "TEXT";
    case "integer":
      return "INTEGER";
    case "number":
      return "REAL";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "datetime":
      return "TIMESTAMP";
  }
}

function check(field: Field): string {
  const { name } = field;
  switch (field.type) {
    case "text":
    case "longtext":
      return `CHECK (length(${name}) ${within(Math.max(field.minLength, field.required ? 1 : 0), field.maxLength)})`;
    case "email":
      return `CHECK (${name} LIKE '_%@_%')`;
    case "choice":
      return oneOf(name, field.options);
    case "integer":
    case "number":
      return `CHECK (${name} BETWEEN ${field.min} AND ${field.max})`;
    case "boolean":
      return `CHECK (${name} IN (0, 1))`;
    case "date":
      return `CHECK (${name} = date(${name}))`;
    case "datetime":
      return `CHECK (${name} = strftime('%Y-%m-%dT%H:%M', ${name}))`;
  }
}

const within = (least: number, most: number): string => (least > 0 ? `BETWEEN ${least} AND ${most}` : `<= ${most}`);

const oneOf = (column: string, values: string[]): string => `CHECK (${column} IN (${values.map(quoted).join(", ")}))`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const ON_DELETE = { restrict: "RESTRICT", cascade: "CASCADE", clear: "SET NULL" } as const;

function relationColumnSql(relation: Relation, spec: ProductSpec): string {
  const target = spec.entities.find((entity) => entity.name === relation.to)!;
  const presence = relation.required ? " NOT NULL" : "";
  return `${relationColumn(relation)} INTEGER${presence} REFERENCES ${tableName(target)} (id) ON DELETE ${ON_DELETE[relation.onDelete]}`;
}
