import { homedir } from "node:os";
import { join } from "node:path";

/** The only folder outside of the clone that outlives a run: `${XDG_CACHE_HOME:-~/.cache}/agent-hive`. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "agent-hive");
}
