import { relationColumn, type Entity, type Field, type ProductSpec } from "@agent-hive/product-spec";

/** A record as the API takes it. */
export type Sample = Record<string, string | number | boolean | null>;

/** The valid value number `n` of a field; different numbers give different values where the field has room for it. */
function sampleValue(field: Field, n: number): string | number | boolean {
  switch (field.type) {
    case "text":
      return `${n} ${field.name}`.slice(0, field.maxLength).padEnd(field.minLength, "x");
    case "longtext":
      return `${n} first line\nsecond line`.slice(0, field.maxLength).padEnd(field.minLength, "x");
    case "email":
      return `person${n}@example.com`;
    case "integer":
      return Math.min(field.max, Math.max(field.min, n));
    case "number": {
      const steps = 10 ** field.decimals;
      const least = Math.ceil(field.min * steps - 1e-9);
      const most = Math.floor(field.max * steps + 1e-9);
      return Number((Math.min(most, Math.max(least, n * steps + 1)) / steps).toFixed(field.decimals));
    }
    case "boolean":
      return n % 2 === 1;
    case "date":
      return `2024-03-${day(n)}`;
    case "datetime":
      return `2024-03-${day(n)}T09:30`;
    case "choice":
      return field.options[n % field.options.length]!;
  }
}

const day = (n: number): string => String((n % 28) + 1).padStart(2, "0");

/** A valid record of an entity; `ids` are the numbers of records that exist, by entity. */
export function sampleRecord(entity: Entity, n: number, ids: ReadonlyMap<string, number>): Sample {
  const fields = entity.fields.map((field) => [field.name, sampleValue(field, n)] as const);
  const relations = entity.relations.map(
    (relation) => [relationColumn(relation), ids.get(relation.to) ?? null] as const,
  );
  return Object.fromEntries<Sample[string]>([...fields, ...relations]);
}

/** Values a field must refuse. */
export function wrongValues(field: Field): unknown[] {
  switch (field.type) {
    case "text":
    case "longtext":
      return [5, { a: 1 }, "x".repeat(field.maxLength + 1), "null\0byte"];
    case "email":
      return ["nobody", "two words@example.com", "<b>@example.com"];
    case "integer":
      return ["1", 1.5, ...beyond(field.min, field.max, 1)];
    case "number":
      return ["1", true, ...beyond(field.min, field.max, 1)];
    case "boolean":
      return ["yes", 1, null];
    case "date":
      return ["2024-02-30", "1 March", 20240301];
    case "datetime":
      return ["2024-03-01 09:30", "2024-03-01T25:00", "2024-03-01"];
    case "choice":
      return ["no such choice", "", 1];
  }
}

/** Just outside of the limits, where numbers are exact enough to say so. */
const beyond = (min: number, max: number, step: number): number[] =>
  [min - step, max + step].filter((value) => Math.abs(value) < 1e12);

/** Entities in an order in which records can be made: what one requires comes before it. */
export function creationOrder(spec: ProductSpec): Entity[] {
  const ordered: Entity[] = [];
  const visit = (entity: Entity): void => {
    if (ordered.includes(entity)) return;
    for (const relation of entity.relations.filter(({ required }) => required)) {
      visit(spec.entities.find(({ name }) => name === relation.to)!);
    }
    ordered.push(entity);
  };
  spec.entities.forEach(visit);
  return ordered;
}
