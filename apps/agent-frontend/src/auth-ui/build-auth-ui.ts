import { join } from "node:path";
import { readApi, sourceLiteral, templateFiles, type TaskOutput } from "@agent-hive/product-spec";

/** Builds the pages to log in, register, log out and give roles. */
export function buildAuthUi(outputs: Record<string, TaskOutput>): TaskOutput {
  const described = Object.entries(readApi(outputs)["x-accounts"].roles);
  const roles = described.map(([name, description]) => ({ name, description }));
  return {
    files: templateFiles(join(import.meta.dirname, "templates"), { roles: sourceLiteral(roles) }),
    summary: `Built the pages of accounts with ${roles.length} roles.`,
  };
}
