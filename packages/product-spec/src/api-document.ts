import { builtFile, type TaskOutput } from "./built-files.js";

/** A JSON Schema, as far as applications use it; `x-` keywords are ours. */
export interface JsonSchema {
  $ref?: string;
  title?: string;
  type?: string | string[];
  format?: string;
  enum?: (string | null)[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: false;
  /** Text of several lines. */
  "x-multiline"?: true;
  /** No two records have the same value. */
  "x-unique"?: true;
  /** The number of a record of this resource. */
  "x-references"?: string;
  /** The property by which people recognise a record. */
  "x-title-property"?: string;
}

/** One operation of the API. */
export interface ApiOperation {
  operationId: string;
  summary: string;
  /** The resource it belongs to. */
  tags: string[];
  /** Alternatives: `{}` for anyone, `{ session: [] }` for every account, `{ session: [role] }` for those with the role. */
  security: { session?: string[] }[];
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: { "application/json": { schema: JsonSchema } } };
  responses: Record<string, object>;
}

/** The parts of an OpenAPI 3.1 document that applications are built from. */
export interface ApiDocument {
  openapi: "3.1.0";
  info: { title: string; description: string; version: string };
  /** The role of the first account and of every later one, and what each role is about. */
  "x-accounts": { administrator: string; newcomer: string; roles: Record<string, string> };
  /** The resources; `x-schema` names the schema of their records. */
  tags: { name: string; description?: string; "x-schema"?: string }[];
  /** Operations by path and method (in lower case). */
  paths: Record<string, Record<string, ApiOperation>>;
  components: {
    securitySchemes: Record<string, object>;
    schemas: Record<string, JsonSchema>;
    responses: Record<string, object>;
  };
}

/** The tag of the operations that every application has: accounts and sessions. */
export const ACCOUNTS_TAG = "accounts";

/** The API as `system_design` described it. */
export const readApi = (outputs: Record<string, TaskOutput>): ApiDocument =>
  JSON.parse(builtFile(outputs, "system_design", "openapi.json")) as ApiDocument;

/** Every operation with its method (in upper case) and path, as the document has them. */
export function operationsOf(document: ApiDocument): (ApiOperation & { method: string; path: string })[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** What the operations on one resource's records are called, as far as the API has them. */
export interface ResourceOperations {
  list?: string;
  create?: string;
  get?: string;
  update?: string;
  remove?: string;
}

/** The resources of the API, in the document's order, with their operations; accounts are none. */
export function resourcesOf(document: ApiDocument): { name: string; operations: ResourceOperations }[] {
  const roles: Record<string, keyof ResourceOperations> = { PUT: "update", DELETE: "remove", POST: "create" };
  const operations = operationsOf(document);
  return document.tags
    .filter((tag) => tag.name !== ACCOUNTS_TAG)
    .map(({ name }) => ({
      name,
      operations: Object.fromEntries(
        operations
          .filter((operation) => operation.tags.includes(name))
          .map(({ method, path, operationId }) => [
            roles[method] ?? (path.endsWith("/{id}") ? "get" : "list"),
            operationId,
          ]),
      ) as ResourceOperations,
    }));
}
