import { SettingsError } from "@agent-hive/service-kit";

/**
 * Makes sure that Redis never evicts: it would throw streams away together with their consumer groups.
 *
 * @param call sends a command to Redis.
 * @throws SettingsError with the remedy.
 */
export async function requireNoEviction(call: (command: string, args: string[]) => Promise<unknown>): Promise<void> {
  // INFO, since CONFIG is closed to services on managed servers.
  const memory = String(await call("INFO", ["memory"]));
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? "noeviction";
  if (policy === "noeviction") return;
  throw new SettingsError([
    `Redis has maxmemory-policy "${policy}" and would evict streams with work in them. Set it to noeviction ` +
      `(redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf), then start again.`,
  ]);
}
