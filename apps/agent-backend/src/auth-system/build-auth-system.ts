import { join } from "node:path";
import {
  ANYONE,
  operationsOf,
  readApi,
  sourceLiteral,
  templateFiles,
  type ApiOperation,
  type TaskOutput,
} from "@agent-hive/product-spec";

/** Builds accounts, sessions and the table of who may do what, which is read from the `security` of each operation. */
export function buildAuthSystem(outputs: Record<string, TaskOutput>): TaskOutput {
  const api = readApi(outputs);
  const roles = Object.keys(api["x-accounts"].roles);
  const allowed = Object.fromEntries(operationsOf(api).map((it) => [it.operationId, rolesFor(it, roles)]));
  return {
    files: templateFiles(join(import.meta.dirname, "templates"), { allowed: sourceLiteral(allowed) }),
    summary: `Built accounts, sessions and permissions of ${roles.length} roles on ${Object.keys(allowed).length} operations.`,
  };
}

/** `{}` asks for no account, `{ session: [] }` for any, `{ session: [role] }` for one with the role. */
function rolesFor({ security }: ApiOperation, roles: string[]): string[] {
  if (security.some(({ session }) => session === undefined)) return [ANYONE];
  if (security.some(({ session }) => session?.length === 0)) return roles;
  const named = new Set(security.flatMap(({ session }) => session ?? []));
  return roles.filter((role) => named.has(role));
}
