import { join } from "node:path";
import { builtFile, sourceLiteral, templateFiles, type TaskOutput } from "@agent-hive/product-spec";
import { tableDefinitions, type TableDefinition } from "./table-definitions.js";

/** Writes the data layer for the tables of `schema.sql`; `tables` tells the successors what they are. */
export function integrateDatabase(outputs: Record<string, TaskOutput>): TaskOutput & { tables: TableDefinition[] } {
  const tables = tableDefinitions(builtFile(outputs, "database_design", "schema.sql"));
  const literal = sourceLiteral(tables, { reserved: "export const TABLES = ;".length });
  return {
    files: {
      ...templateFiles(join(import.meta.dirname, "templates")),
      "data/tables.js": `/** The tables of schema.sql: what the data layer knows of them. */\nexport const TABLES = ${literal};\n`,
    },
    summary: `Wrote the data layer for ${tables.length} tables.`,
    tables,
  };
}
