import {
  kebabCase,
  labelOf,
  resourcesOf,
  type ApiDocument,
  type JsonSchema,
  type ResourceOperations,
} from "@agent-hive/product-spec";

/** A field as forms and pages show it. */
interface PageField {
  name: string;
  label: string;
  control:
    "text" | "textarea" | "email" | "integer" | "number" | "checkbox" | "date" | "datetime" | "select" | "reference";
  required: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  /** Places after the point, and the step of a number's control that goes with them. */
  decimals?: number;
  step?: number;
  options?: string[];
  /** The resource a reference refers to. */
  resource?: string;
}

/** A resource as pages show it. */
export interface PageResource {
  name: string;
  path: string;
  title: string;
  singular: string;
  description?: string;
  /** The field by which people recognise a record. */
  titleField: string;
  operations: ResourceOperations;
  fields: PageField[];
}

/** Reads from the API what pages have to know of its resources. */
export function pageResources(api: ApiDocument): PageResource[] {
  return resourcesOf(api).map(({ name, operations }) => {
    const tag = api.tags.find((it) => it.name === name)!;
    const schemaName = tag["x-schema"]!;
    const record = api.components.schemas[schemaName]!;
    const input = api.components.schemas[`${schemaName}Input`]!;
    return {
      name,
      path: `/${kebabCase(name)}`,
      title: labelOf(name),
      singular: record.title!,
      description: tag.description,
      titleField: record["x-title-property"]!,
      operations,
      fields: Object.entries(input.properties!).map(([field, schema]) =>
        pageField(field, schema, input.required!.includes(field)),
      ),
    };
  });
}

function pageField(name: string, schema: JsonSchema, required: boolean): PageField {
  const control = controlOf(schema);
  const base = { name, label: schema.title!, control, required };
  switch (control) {
    case "text":
    case "textarea":
    case "email":
      return { ...base, minLength: lengthAsked(schema), maxLength: schema.maxLength };
    case "integer":
      return { ...base, ...limitsOf(schema) };
    case "number": {
      const decimals = Math.round(-Math.log10(schema.multipleOf!));
      return { ...base, ...limitsOf(schema), decimals, step: schema.multipleOf };
    }
    case "select":
      return { ...base, options: schema.enum!.filter((option) => option !== null) };
    case "reference":
      return { ...base, resource: schema["x-references"], minimum: 1 };
    default:
      return base;
  }
}

/** That a text must not be empty is said by its being required. */
const lengthAsked = ({ minLength = 0 }: JsonSchema): number | undefined => (minLength > 1 ? minLength : undefined);

/** Limits that only keep numbers exact are of no use to people. */
const limitsOf = ({ minimum, maximum }: JsonSchema): Pick<PageField, "minimum" | "maximum"> => ({
  minimum: isOfUse(minimum) ? minimum : undefined,
  maximum: isOfUse(maximum) ? maximum : undefined,
});
const isOfUse = (limit = Infinity): boolean => Math.abs(limit) < 1e12;

function controlOf(schema: JsonSchema): PageField["control"] {
  if (schema["x-references"] !== undefined) return "reference";
  if (schema.enum) return "select";
  const [type] = [schema.type].flat();
  if (type === "integer" || type === "number") return type;
  if (type === "boolean") return "checkbox";
  if (schema.format === "email" || schema.format === "date") return schema.format;
  if (schema.format === "local-date-time") return "datetime";
  return schema["x-multiline"] ? "textarea" : "text";
}
