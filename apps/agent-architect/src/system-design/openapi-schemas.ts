import {
  labelOf,
  pascalCase,
  relationColumn,
  type Entity,
  type Field,
  type JsonSchema,
  type ProductSpec,
  type Relation,
} from "@agent-hive/product-spec";

const timestamp = (title: string): JsonSchema => ({ type: "string", format: "date-time", title });
const id: JsonSchema = { type: "integer", minimum: 1, title: "Number" };

/** The record as it is read, what is sent to write it, and a page of records. */
export function entitySchemas(entity: Entity, spec: ProductSpec): Record<string, JsonSchema> {
  const type = pascalCase(entity.name);
  const properties = Object.fromEntries([
    ...entity.fields.map((field) => [field.name, fieldSchema(field)] as const),
    ...entity.relations.map((relation) => [relationColumn(relation), relationSchema(relation, spec)] as const),
  ]);
  const record = { id, ...properties, created_at: timestamp("Created"), updated_at: timestamp("Changed") };
  const required = [
    ...entity.fields.filter((field) => field.required && field.type !== "boolean").map((field) => field.name),
    ...entity.relations.filter((relation) => relation.required).map(relationColumn),
  ];
  return {
    [type]: {
      type: "object",
      title: labelOf(entity.name),
      "x-title-property": entity.title,
      properties: record,
      required: Object.keys(record),
    },
    [`${type}Input`]: { type: "object", properties, required, additionalProperties: false },
    [`${type}List`]: listOf(type),
  };
}

const listOf = (type: string): JsonSchema => ({
  type: "object",
  properties: {
    items: { type: "array", items: { $ref: `#/components/schemas/${type}` } },
    total: { type: "integer", minimum: 0 },
  },
  required: ["items", "total"],
});

function fieldSchema(field: Field): JsonSchema {
  const { type, ...limits } = limitsOf(field);
  const isPresent = field.required || field.type === "boolean";
  return { type: orNull(type, isPresent), title: field.label, ...limits, ...(field.unique && { "x-unique": true }) };
}

const orNull = (type: string, required: boolean): string | string[] => (required ? type : [type, "null"]);

function limitsOf(field: Field): JsonSchema & { type: string } {
  switch (field.type) {
    case "text":
    case "longtext":
      return {
        type: "string",
        // Something required has to be something.
        minLength: Math.max(field.minLength, field.required ? 1 : 0),
        maxLength: field.maxLength,
        ...(field.type === "longtext" && { "x-multiline": true }),
      };
    case "email":
      return { type: "string", format: "email", maxLength: 254 };
    case "integer":
      return { type: "integer", minimum: field.min, maximum: field.max };
    case "number":
      return { type: "number", minimum: field.min, maximum: field.max, multipleOf: Number(`1e-${field.decimals}`) };
    case "boolean":
      // A yes-or-no question always has an answer: left out, it is no.
      return { type: "boolean", default: false };
    case "date":
      return { type: "string", format: "date" };
    case "datetime":
      // The wall clock of the place, without a zone, as forms send it.
      return { type: "string", format: "local-date-time" };
    case "choice":
      return { type: "string", enum: field.required ? field.options : [...field.options, null] };
  }
}

function relationSchema(relation: Relation, spec: ProductSpec): JsonSchema {
  const target = spec.entities.find((entity) => entity.name === relation.to)!;
  return {
    type: orNull("integer", relation.required),
    title: relation.label,
    minimum: 1,
    "x-references": target.plural,
  };
}

/** What is sent and received about accounts and sessions. */
export function accountSchemas(roles: string[]): Record<string, JsonSchema> {
  const email = { type: "string", format: "email", maxLength: 254, title: "E-mail" };
  const role = { type: "string", enum: roles, title: "Role" };
  return {
    Account: {
      type: "object",
      properties: { id, email, role, created_at: timestamp("Registered") },
      required: ["id", "email", "role", "created_at"],
    },
    AccountList: listOf("Account"),
    Credentials: {
      type: "object",
      properties: { email, password: { type: "string", minLength: 10, maxLength: 200, title: "Password" } },
      required: ["email", "password"],
      additionalProperties: false,
    },
    RoleChange: { type: "object", properties: { role }, required: ["role"], additionalProperties: false },
  };
}

/** RFC 9457 problem details, with one entry for each thing that is wrong. */
export const problemSchema: Record<string, JsonSchema> = {
  Problem: {
    type: "object",
    properties: {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      errors: {
        type: "array",
        items: {
          type: "object",
          properties: { path: { type: "string" }, message: { type: "string" } },
          required: ["path", "message"],
        },
      },
    },
    required: ["type", "title", "status", "detail"],
  },
};
