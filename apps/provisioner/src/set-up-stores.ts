import { Redis } from "ioredis";
import { runMigrations } from "@agent-hive/persistence";
import { makeDatabaseAccounts, type Secrets } from "@agent-hive/provisioning";
import type { Logger } from "@agent-hive/telemetry";

/**
 * Brings both stores to what this release needs: schema, accounts, rights. What is so already stays as it is.
 *
 * @param secrets that were written before Redis was started, whose ACL file is among them.
 */
export async function setUpStores(secrets: Secrets, logger: Logger): Promise<void> {
  await runMigrations(secrets.ownerUrl, { warn: (message) => logger.warn(message) });
  await makeDatabaseAccounts(secrets.ownerUrl, secrets.databaseAccounts());
  await loadRedisAccounts(secrets.adminUrl);
}

/** Redis reads its file when it starts; one that runs since before an upgrade is told to read it again. */
async function loadRedisAccounts(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 3 });
  redis.on("error", () => undefined); // told by the command that fails
  try {
    await redis.connect();
    await redis.call("ACL", "LOAD");
  } finally {
    redis.disconnect();
  }
}
