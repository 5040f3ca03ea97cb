import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Reaper } from "../processes/reaper.js";
import { EmbeddedPostgres } from "./embedded-postgres.js";
import { EmbeddedRedis } from "./embedded-redis.js";
import { persistentFolder, serverAccount, temporaryFolder } from "./server-account.js";

export interface EmbeddedStoresOptions {
  /** Keeps the data here from run to run. Default: a temporary folder, removed by {@link EmbeddedStores.stop}. */
  folder?: string;
  /** Where `postgres.log` and `redis.log` go. Default: the folder with the data. */
  logFolder?: string;
  /** A PostgreSQL to use as it is; "" for an embedded one in any case. Default: DATABASE_URL. */
  databaseUrl?: string;
  /** A Redis to use as it is; "" for an embedded one in any case. Default: REDIS_URL. */
  redisUrl?: string;
  /** Settings of an embedded PostgreSQL over its usual ones, by PostgreSQL's names. */
  postgresSettings?: Record<string, string>;
  /** Settings of an embedded Redis over its usual ones, by Redis's names. */
  redisSettings?: Record<string, string>;
  /** Default: one of its own. */
  reaper?: Reaper;
  /** Told what takes long. */
  onProgress?: (message: string) => void;
}

/** A PostgreSQL and a Redis for the hive: those that the settings name, else servers started for it on free ports. */
export class EmbeddedStores {
  private constructor(
    readonly databaseUrl: string,
    readonly redisUrl: string,
    /** Undefined when the settings name a server. */
    readonly postgres: EmbeddedPostgres | undefined,
    readonly redis: EmbeddedRedis | undefined,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /**
   * Starts what is missing, both at once. If one fails, none is left behind.
   *
   * @throws LauncherError POSTGRES_UNAVAILABLE, REDIS_UNAVAILABLE or PROCESS_NOT_READY.
   */
  static async start(options: EmbeddedStoresOptions = {}): Promise<EmbeddedStores> {
    const databaseUrl = options.databaseUrl ?? process.env["DATABASE_URL"];
    const redisUrl = options.redisUrl ?? process.env["REDIS_URL"];
    if (databaseUrl && redisUrl) return new EmbeddedStores(databaseUrl, redisUrl, undefined, undefined, async () => {});

    const account = serverAccount();
    const reaper = options.reaper ?? new Reaper();
    const runFolder = temporaryFolder(account);
    reaper.watchFolder(runFolder);
    const folder = options.folder ? persistentFolder(options.folder, account) : runFolder;
    const logFolder = resolve(options.logFolder ?? folder);
    mkdirSync(logFolder, { recursive: true });
    const place = (name: string) => ({ folder, runFolder, logFile: join(logFolder, `${name}.log`), account, reaper });

    const [postgres, redis] = await Promise.allSettled([
      databaseUrl ? undefined : EmbeddedPostgres.start(place("postgres"), options.postgresSettings),
      redisUrl
        ? undefined
        : EmbeddedRedis.start(place("redis"), { onProgress: options.onProgress }, options.redisSettings),
    ]);
    const cleanUp = async () => {
      const started = [postgres, redis].flatMap((result) => (result.status === "fulfilled" && result.value) || []);
      await Promise.all(started.map((store) => store.stop()));
      rmSync(runFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      reaper.forgetFolder(runFolder);
      if (!options.reaper) await reaper.close();
    };
    if (postgres.status === "rejected" || redis.status === "rejected") {
      await cleanUp();
      throw [postgres, redis].find((result) => result.status === "rejected")!.reason;
    }
    const urls = [databaseUrl || postgres.value!.url, redisUrl || redis.value!.url] as const;
    return new EmbeddedStores(...urls, postgres.value, redis.value, cleanUp);
  }

  private stopping: Promise<void> | undefined;

  /** Stops the servers that were started here, and removes their temporary folder. */
  stop(): Promise<void> {
    return (this.stopping ??= this.cleanUp());
  }
}
