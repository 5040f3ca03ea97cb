import {
  ACCOUNTS_TAG,
  ANYONE,
  pascalCase,
  type ApiDocument,
  type JsonSchema,
  type ProductSpec,
} from "@agent-hive/product-spec";
import { accountPaths, entityPaths } from "./openapi-paths.js";
import { accountSchemas, entitySchemas, problemSchema } from "./openapi-schemas.js";

/**
 * Describes the API of a product: each entity's records, accounts and sessions.
 *
 * Roles are written the way OpenAPI 3.1 has for it: each alternative of an operation's `security` names the role it asks
 * for, and `{}` means that no account is needed. An action that no role may do is left out.
 */
export function describeApi(spec: ProductSpec): ApiDocument {
  const roles = spec.roles.filter((role) => role.name !== ANYONE);
  return {
    openapi: "3.1.0",
    info: { title: spec.name, description: spec.description, version: "1.0.0" },
    "x-accounts": {
      ...spec.accounts,
      roles: Object.fromEntries(roles.map((role) => [role.name, role.description])),
    },
    tags: [
      ...spec.entities.map(({ name, plural, description }) => ({
        name: plural,
        ...(description && { description }),
        "x-schema": pascalCase(name),
      })),
      { name: ACCOUNTS_TAG, description: "Accounts, their roles and sessions." },
    ],
    paths: Object.assign(
      {},
      ...spec.entities.map((entity) => entityPaths(entity, spec)),
      accountPaths(spec),
    ) as ApiDocument["paths"],
    components: {
      securitySchemes: { session: { type: "apiKey", in: "cookie", name: "session" } },
      schemas: Object.assign(
        {},
        ...spec.entities.map((entity) => entitySchemas(entity, spec)),
        accountSchemas(roles.map((role) => role.name)),
        problemSchema,
      ) as Record<string, JsonSchema>,
      responses: {
        Problem: {
          description: "What went wrong, as RFC 9457 problem details.",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}
