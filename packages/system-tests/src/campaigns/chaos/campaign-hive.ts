import { join } from "node:path";
import pg from "pg";
import { HiveClient } from "@agent-hive/client";
import { createKeys, type Keys } from "@agent-hive/contracts";
import { HiveLauncher, type EmbeddedStores } from "@agent-hive/launcher";
import { RedisConnection } from "@agent-hive/streams";
import type { CampaignOptions } from "./options.js";
import { Witness } from "./witness.js";

/** A hive for one round of a campaign, on a database and a key prefix of its own, with what is needed to strike and judge it. */
export interface CampaignHive {
  launcher: HiveLauncher;
  client: HiveClient;
  stores: EmbeddedStores;
  database: pg.Pool;
  redis: RedisConnection;
  keys: Keys;
  witness: Witness;
  stop(): Promise<void>;
}

/** @param name of its database and before its keys; letters, digits and underscores. */
export async function startCampaignHive(
  name: string,
  stores: EmbeddedStores,
  options: Pick<CampaignOptions, "replicas" | "agentsPerType" | "slots">,
  where: { env?: NodeJS.ProcessEnv; stateDir?: string } = {},
): Promise<CampaignHive> {
  const databaseUrl = await createDatabase(stores.databaseUrl, name);
  const keys = createKeys(`${name}:`);
  const launcher = await HiveLauncher.start({
    agentsPerType: options.agentsPerType,
    replicas: options.replicas,
    stores: { databaseUrl, redisUrl: stores.redisUrl },
    env: {
      HIVE_KEY_PREFIX: keys.prefix,
      HIVE_LOAD_HANDLERS: "true",
      HIVE_SLOTS: String(options.slots),
      HIVE_LOG_LEVEL: "info",
      ...where.env,
    },
    stopOnSignals: false,
    ...(where.stateDir !== undefined && { stateDir: join(where.stateDir, name) }),
  });
  const database = new pg.Pool({ connectionString: databaseUrl, max: 3, query_timeout: 5_000 });
  database.on("error", () => undefined); // terminated on purpose; the next query takes another session
  const redis = new RedisConnection({ url: stores.redisUrl, name: "campaign", waitsForConnection: true });
  await redis.connect();
  return {
    launcher,
    client: new HiveClient({ engineUrl: launcher.engineUrls, coordinatorUrl: launcher.coordinatorUrls }),
    stores,
    database,
    redis,
    keys,
    witness: new Witness(redis, keys),
    stop: async () => {
      await launcher.stop();
      redis.close();
      await database.end();
    },
  };
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await administer(serverUrl, `drop database if exists ${name} with (force)`);
  await administer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
