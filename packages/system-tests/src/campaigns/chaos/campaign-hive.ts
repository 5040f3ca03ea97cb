import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { HiveClient } from "@agent-hive/client";
import { createKeys, type Keys } from "@agent-hive/contracts";
import { HiveLauncher, type EmbeddedStores } from "@agent-hive/launcher";
import { RedisConnection } from "@agent-hive/streams";
import { checkRun, startRecording, type Recording, type Verdict } from "../../history/index.js";
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
  /** Writes down what every process asks for and learns. */
  recording: Recording;
  /** The verdict on what was written down. Stops the hive. */
  judge(): Promise<Verdict>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** @param name of its database and before its keys; letters, digits and underscores. */
export async function startCampaignHive(
  name: string,
  stores: EmbeddedStores,
  options: Pick<CampaignOptions, "replicas" | "agentsPerType" | "slots">,
  stateDir?: string,
): Promise<CampaignHive> {
  const databaseUrl = await createDatabase(stores.databaseUrl, name);
  const keys = createKeys(`${name}:`);
  const folder = stateDir ?? mkdtempSync(join(tmpdir(), "agent-hive-campaign-"));
  const file = join(folder, `${name}.ndjson`);
  const recording = await startRecording({ file });
  const launcher = await HiveLauncher.start({
    agentsPerType: options.agentsPerType,
    replicas: options.replicas,
    stores: { databaseUrl, redisUrl: stores.redisUrl },
    env: {
      HIVE_KEY_PREFIX: keys.prefix,
      HIVE_LOAD_HANDLERS: "true",
      HIVE_SLOTS: String(options.slots),
      HIVE_LOG_LEVEL: "info",
      ...recording.env,
    },
    stopOnSignals: false,
    ...(stateDir !== undefined && { stateDir: join(stateDir, name) }),
  });
  recording.watch(launcher.supervisor);
  const database = new pg.Pool({ connectionString: databaseUrl, max: 3, query_timeout: 5_000 });
  database.on("error", () => undefined); // terminated on purpose; the next query takes another session
  const redis = new RedisConnection({ url: stores.redisUrl, name: "campaign", waitsForConnection: true });
  await redis.connect();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await launcher.stop();
      await recording.stop();
      redis.close();
      await database.end();
    })());
  return {
    launcher,
    client: new HiveClient({ engineUrl: launcher.engineUrls, coordinatorUrl: launcher.coordinatorUrls }),
    stores,
    database,
    redis,
    keys,
    witness: new Witness(redis, keys),
    recording,
    judge: async () => {
      await recording.look({ redisUrl: stores.redisUrl, keyPrefix: keys.prefix });
      await stop();
      return checkRun({ file, databaseUrl, thresholds: { faults: 1, strikes: 0 } });
    },
    stop: async () => {
      await stop();
      if (stateDir === undefined) rmSync(folder, { recursive: true, force: true });
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
