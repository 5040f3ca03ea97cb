import type { Entity } from "@agent-hive/product-spec";
import type { Sample } from "./samples.js";

/** A record as a person types it into the entity's form. */
export function formValues(entity: Entity, record: Sample): Record<string, string | boolean> {
  const booleans = new Set(entity.fields.filter((field) => field.type === "boolean").map((field) => field.name));
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, booleans.has(name) ? value === true : String(value ?? "")]),
  );
}
