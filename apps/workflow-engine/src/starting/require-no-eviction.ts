/** Redis would throw work away under memory pressure. */
export class EvictionPolicyError extends Error {
  override readonly name = "EvictionPolicyError";

  constructor(policy: string) {
    super(
      `Redis has maxmemory-policy "${policy}" and would evict streams together with their consumer groups. ` +
        `Set it to noeviction: redis-cli CONFIG SET maxmemory-policy noeviction (and in redis.conf), then start again.`,
    );
  }
}

/**
 * Makes sure that Redis never evicts.
 *
 * @param call sends a command to Redis.
 * @throws EvictionPolicyError
 */
export async function requireNoEviction(call: (command: string, args: string[]) => Promise<unknown>): Promise<void> {
  // INFO, since CONFIG is closed to services on managed servers.
  const memory = String(await call("INFO", ["memory"]));
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? "noeviction";
  if (policy !== "noeviction") throw new EvictionPolicyError(policy);
}
