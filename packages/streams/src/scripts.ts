import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RedisConnection } from "./redis-connection.js";

/** The scripts, one file each under `lua/`; their headers say what they take and return. */
const SCRIPTS = [
  "announce-death",
  "begin-tasks",
  "claim-entries",
  "complete-tasks",
  "dead-letter-entries",
  "declare-dead",
  "drop-in-flight",
  "forget-unreadable",
  "heartbeat",
  "publish-and-acknowledge",
  "recreate-group",
  "register",
  "remove-consumer",
  "route-tasks",
  "save-checkpoint",
  "say-goodbye",
  "set-misplaced-aside",
  "write-epoch",
  "write-group-status",
] as const;
export type ScriptName = (typeof SCRIPTS)[number];

const folder = join(import.meta.dirname, "lua");
const preamble = readFileSync(join(folder, "preamble.lua"), "utf8");

const loaded = new Map(
  SCRIPTS.map((name) => {
    const body = `${preamble}\n${readFileSync(join(folder, `${name}.lua`), "utf8")}`;
    return [name, { body, sha: createHash("sha1").update(body).digest("hex") }];
  }),
);

/** Which script has this digest; undefined if none: for whoever reads Redis's own statistics. */
export function scriptNameOf(sha: string): ScriptName | undefined {
  return SCRIPTS.find((name) => loaded.get(name)!.sha === sha);
}

/**
 * Runs a script by its digest; a server that does not know it yet (new, restarted, flushed) is sent the text.
 *
 * @throws what `RedisConnection.call` throws.
 */
export async function runScript(
  connection: RedisConnection,
  name: ScriptName,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const { sha, body } = loaded.get(name)!;
  const parameters = [String(keys.length), ...keys, ...args];
  try {
    return await connection.call("EVALSHA", [sha, ...parameters]);
  } catch (error) {
    if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
    return connection.call("EVAL", [body, ...parameters]);
  }
}
