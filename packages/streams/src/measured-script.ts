import { count, observe } from "@agent-hive/telemetry";
import type { RedisConnection } from "./redis-connection.js";
import { runScript, type ScriptName } from "./scripts.js";

/**
 * `runScript`, with its duration and its failures among the metrics. Apart from it, so that the heartbeat thread, whose
 * metrics nobody could read, does without the packages that it takes.
 */
export async function runMeasuredScript(
  connection: RedisConnection,
  name: ScriptName,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const startedAt = performance.now();
  try {
    const reply = await runScript(connection, name, keys, args);
    observe("hive_redis_script_duration_seconds", { script: name }, (performance.now() - startedAt) / 1000);
    return reply;
  } catch (error) {
    count("hive_redis_script_failures_total", { script: name });
    throw error;
  }
}
