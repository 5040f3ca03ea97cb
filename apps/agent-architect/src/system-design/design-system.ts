import { join } from "node:path";
import {
  labelOf,
  slugOf,
  sourceLiteral,
  templateFiles,
  type ProductSpec,
  type Role,
  type TaskOutput,
} from "@agent-hive/product-spec";
import { describeApi } from "./openapi.js";

/** Designs the system: the API (`openapi.json`), what the application is and how it is laid out (`README.md`, `package.json`). */
export function designSystem(spec: ProductSpec): TaskOutput {
  const api = describeApi(spec);
  const operations = Object.values(api.paths).flatMap((item) => Object.values(item));
  const manifest = {
    name: slugOf(spec.name),
    version: "1.0.0",
    private: true,
    description: spec.description,
    type: "module",
    scripts: { start: "node server.js" },
    engines: { node: ">=24" },
  };
  return {
    files: {
      "openapi.json": `${sourceLiteral(api, { json: true })}\n`,
      "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
      ...templateFiles(join(import.meta.dirname, "templates"), {
        name: inMarkdown(spec.name),
        description: inMarkdown(spec.description || "A small web application."),
        administrator: spec.accounts.administrator,
        newcomer: spec.accounts.newcomer,
        roles: spec.roles.map(roleLine).join("\n"),
      }),
    },
    summary: `Designed an API of ${operations.length} operations for ${spec.entities.length} entities and ${spec.roles.length} roles.`,
  };
}

function roleLine(role: Role): string {
  const granted = Object.entries(role.permissions).map(
    ([entity, actions]) => `${labelOf(entity).toLowerCase()} (${actions.join(", ")})`,
  );
  const about = role.description ? ` ${inMarkdown(role.description)}` : "";
  return `- **${role.name}**:${about} May use: ${granted.join("; ") || "nothing yet"}.`;
}

/** Text of the specification is shown as it is written, whatever marks of Markdown or HTML it holds. */
const inMarkdown = (text: string): string => text.replace(/[\\`*_[\]<>&#|]/g, "\\$&");
