import { join } from "node:path";
import {
  ACCOUNTS_TAG,
  camelCase,
  kebabCase,
  labelOf,
  operationsOf,
  readApi,
  resourcesOf,
  templateFiles,
  type BuiltFiles,
  type ResourceOperations,
  type TaskOutput,
} from "@agent-hive/product-spec";

/** Develops the API that `openapi.json` declares: the server, and the operations on each resource's records. */
export function developApi(outputs: Record<string, TaskOutput>): TaskOutput {
  const api = readApi(outputs);
  const resources = resourcesOf(api);
  const operations = operationsOf(api).filter((operation) => !operation.tags.includes(ACCOUNTS_TAG));
  return {
    files: {
      ...templateFiles(join(import.meta.dirname, "templates")),
      ...recordFiles(resources),
    },
    summary: `Developed a server for ${operations.length} operations on ${resources.length} resources.`,
  };
}

type Resource = ReturnType<typeof resourcesOf>[number];

function recordFiles(resources: Resource[]): BuiltFiles {
  const modules = resources.map(({ name, operations }) => [
    `api/records/${kebabCase(name)}.js`,
    recordModule(name, operations),
  ]);
  return { ...(Object.fromEntries(modules) as BuiltFiles), "api/records/index.js": indexModule(resources) };
}

const factoryName = (resource: string): string => `${camelCase(resource)}Operations`;

/** How each kind of operation is done with a table of the data layer, and which reply it imports for that. */
const BODIES: Record<keyof ResourceOperations, { reply: string; body: (table: string, path: string) => string }> = {
  list: { reply: "ok", body: (table) => `({ query }) => ok(${table}.list(query))` },
  create: { reply: "created", body: (table, path) => `({ body }) => created("${path}", ${table}.insert(body))` },
  get: { reply: "ok", body: (table) => `({ params }) => ok(${table}.get(params.id))` },
  update: { reply: "ok", body: (table) => `({ params, body }) => ok(${table}.update(params.id, body))` },
  remove: {
    reply: "noContent",
    body: (table) => `({ params }) => {\n    ${table}.remove(params.id);\n    return noContent();\n  }`,
  },
};

function recordModule(resource: string, operations: ResourceOperations): string {
  const kinds = (Object.keys(BODIES) as (keyof ResourceOperations)[]).filter((kind) => operations[kind] !== undefined);
  const replies = [...new Set(kinds.map((kind) => BODIES[kind].reply))].sort();
  const path = `/api/${kebabCase(resource)}`;
  const members = kinds.map((kind) => `  ${operations[kind]}: ${BODIES[kind].body(`data.${resource}`, path)},\n`);
  const imports = replies.length > 0 ? `import { ${replies.join(", ")} } from "../replies.js";\n\n` : "";
  const head = `${imports}/** The operations on ${labelOf(resource).toLowerCase()}. */\nexport const ${factoryName(resource)} = `;
  return members.length > 0 ? `${head}(data) => ({\n${members.join("")}});\n` : `${head}() => ({});\n`;
}

function indexModule(resources: Resource[]): string {
  const imports = resources
    .map(({ name }) => `import { ${factoryName(name)} } from "./${kebabCase(name)}.js";\n`)
    .sort()
    .join("");
  const members = resources.map(({ name }) => `  ...${factoryName(name)}(data),\n`).join("");
  return `${imports}\n/** Every operation on records, by its id. */\nexport const recordOperations = (data) => ({\n${members}});\n`;
}
