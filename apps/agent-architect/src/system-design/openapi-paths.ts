import {
  ACCOUNTS_TAG,
  ANYONE,
  labelOf,
  pascalCase,
  pathOf,
  relationColumn,
  type Action,
  type ApiDocument,
  type ApiOperation,
  type Entity,
  type ProductSpec,
} from "@agent-hive/product-spec";

type PathItem = ApiDocument["paths"][string];
type Paths = ApiDocument["paths"];

const problem = { $ref: "#/components/responses/Problem" };
const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });
const json = (schema: string) => ({ "application/json": { schema: ref(schema) } });
const reply = (description: string, schema?: string): object => ({
  description,
  ...(schema && { content: json(schema) }),
});
const body = (schema: string) => ({ required: true, content: json(schema) });
const idParameter = { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } };

const pageParameters = [
  { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 100, default: 25 } },
  { name: "offset", in: "query", schema: { type: "integer", minimum: 0, maximum: 1_000_000_000, default: 0 } },
];
const searchParameter = { name: "search", in: "query", schema: { type: "string", maxLength: 100 } };

/** The operations on an entity's records that some role may call. */
export function entityPaths(entity: Entity, spec: ProductSpec): Paths {
  const [one, many] = [pascalCase(entity.name), pascalCase(entity.plural)];
  const [word, words] = [labelOf(entity.name).toLowerCase(), labelOf(entity.plural).toLowerCase()];
  const tags = [entity.plural];
  const filters = entity.relations.map((relation) => ({
    name: relationColumn(relation),
    in: "query",
    schema: { type: "integer", minimum: 1 },
  }));
  const operation = (method: string, action: Action, rest: Omit<ApiOperation, "tags" | "security">): PathItem => {
    const security = securityOf(spec, entity, action);
    return security.length === 0 ? {} : { [method]: { ...rest, tags, security } };
  };

  const collection = {
    ...operation("get", "read", {
      operationId: `list${many}`,
      summary: `List ${words}, newest first`,
      parameters: [...pageParameters, searchParameter, ...filters],
      responses: { 200: reply(`A page of ${words}.`, `${one}List`), default: problem },
    }),
    ...operation("post", "create", {
      operationId: `create${one}`,
      summary: `Add: ${word}`,
      requestBody: body(`${one}Input`),
      responses: { 201: reply("Added; Location says where.", one), default: problem },
    }),
  };
  const item = {
    ...operation("get", "read", {
      operationId: `get${one}`,
      summary: `Read: ${word}`,
      parameters: [idParameter],
      responses: { 200: reply("The record.", one), default: problem },
    }),
    ...operation("put", "update", {
      operationId: `update${one}`,
      summary: `Replace: ${word}`,
      parameters: [idParameter],
      requestBody: body(`${one}Input`),
      responses: { 200: reply("The record as it is now.", one), default: problem },
    }),
    ...operation("delete", "delete", {
      operationId: `delete${one}`,
      summary: `Delete: ${word}`,
      parameters: [idParameter],
      responses: { 204: reply("Deleted."), default: problem },
    }),
  };
  const path = `/api${pathOf(entity)}`;
  return {
    ...(Object.keys(collection).length > 0 && { [path]: collection }),
    ...(Object.keys(item).length > 0 && { [`${path}/{id}`]: item }),
  };
}

function securityOf(spec: ProductSpec, entity: Entity, action: Action): ApiOperation["security"] {
  const allowed = spec.roles.filter((role) => role.permissions[entity.name]?.includes(action)).map((role) => role.name);
  return allowed.includes(ANYONE) ? [{}] : allowed.map((role) => ({ session: [role] }));
}

/** Registering, logging in and out, and giving roles. */
export function accountPaths(spec: ProductSpec): Paths {
  const tags = [ACCOUNTS_TAG];
  const byAdministrator = [{ session: [spec.accounts.administrator] }];
  const bySignedIn = [{ session: [] }];
  return {
    "/api/accounts": {
      get: {
        operationId: "listAccounts",
        summary: "List accounts, newest first",
        tags,
        security: byAdministrator,
        parameters: pageParameters,
        responses: { 200: reply("A page of accounts.", "AccountList"), default: problem },
      },
      post: {
        operationId: "registerAccount",
        summary: "Register and log in",
        tags,
        security: [{}],
        requestBody: body("Credentials"),
        responses: { 201: reply("Registered; the session is in a cookie.", "Account"), default: problem },
      },
    },
    "/api/accounts/{id}/role": {
      put: {
        operationId: "setRole",
        summary: "Give an account a role",
        tags,
        security: byAdministrator,
        parameters: [idParameter],
        requestBody: body("RoleChange"),
        responses: { 200: reply("The account as it is now.", "Account"), default: problem },
      },
    },
    "/api/session": {
      get: {
        operationId: "getSession",
        summary: "Whose session this is",
        tags,
        security: bySignedIn,
        responses: { 200: reply("The account.", "Account"), default: problem },
      },
      post: {
        operationId: "logIn",
        summary: "Log in",
        tags,
        security: [{}],
        requestBody: body("Credentials"),
        responses: { 201: reply("Logged in; the session is in a cookie.", "Account"), default: problem },
      },
      delete: {
        operationId: "logOut",
        summary: "Log out",
        tags,
        security: bySignedIn,
        responses: { 204: reply("Logged out."), default: problem },
      },
    },
  };
}
