import type { ProductSpec, TaskOutput } from "@agent-hive/product-spec";
import { schemaSql } from "./schema-sql.js";

/** Designs the database: `schema.sql`. */
export function designDatabase(spec: ProductSpec): TaskOutput {
  const tables = spec.entities.length + 2;
  const relations = spec.entities.reduce((sum, entity) => sum + entity.relations.length, 0) + 1;
  return {
    files: { "schema.sql": schemaSql(spec) },
    summary: `Designed ${tables} tables with ${relations} foreign keys.`,
  };
}
