import { Redis } from "ioredis";
import { createKeys, type Keys } from "@agent-hive/contracts";
import { createPool, inspectSchema, type SchemaInspection } from "@agent-hive/persistence";

/** A machine's clock beside this one's. */
export interface ClockReading {
  /** How far it is ahead of this machine's, in ms; negative if it is behind. */
  aheadMs: number;
  /** How wrong that may be, in ms: half of the time that asking took, and a millisecond. */
  uncertaintyMs: number;
}

/** Where the stores of a hive are. */
export interface StoreAddresses {
  databaseUrl: string;
  redisUrl: string;
  /** What all keys in Redis start with. Default "". */
  keyPrefix?: string;
}

/** The shortest of several askings says most. */
const CLOCK_READINGS = 5;
/** The wall clock here tells whole milliseconds. */
const OWN_RESOLUTION_MS = 1;
const COMMAND_TIMEOUT_MS = 5_000;

type Pool = ReturnType<typeof createPool>;

/** Looks at both stores of a hive from outside, and writes to neither. */
export class StoreProbes {
  private constructor(
    readonly pool: Pool,
    readonly redis: Redis,
    readonly keys: Keys,
  ) {}

  /** Connections are opened with the first question. */
  static open({ databaseUrl, redisUrl, keyPrefix = "" }: StoreAddresses): StoreProbes {
    const pool = createPool({ url: databaseUrl, applicationName: "hive-validate", maxConnections: 1, readOnly: true });
    const redis = new Redis(redisUrl, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    // A broken connection shows in the command that needs it.
    redis.on("error", () => undefined);
    return new StoreProbes(pool, redis, createKeys(keyPrefix));
  }

  /** PostgreSQL's settings by name, as sessions have them; what it does not know is left out. */
  async postgresSettings<Name extends string>(...names: Name[]): Promise<Partial<Record<Name, string>>> {
    const { rows } = await this.pool.query<{ name: Name; setting: string }>(
      "select name, setting from pg_settings where name = any ($1)",
      [names],
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting])) as Partial<Record<Name, string>>;
  }

  /** Connections of clients that PostgreSQL has at the moment, this one included. */
  async postgresConnections(): Promise<number> {
    const { rows } = await this.pool.query<{ used: number }>(
      "select count(*)::integer as used from pg_stat_activity where backend_type = 'client backend'",
    );
    return rows[0]!.used;
  }

  /** What Redis tells of itself (INFO), by its own names: managed servers answer this, too. */
  async redisInfo(): Promise<Record<string, string>> {
    const lines = (await this.redis.info()).split("\r\n").filter((line) => line.includes(":"));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
    );
  }

  /** When Redis writes snapshots: `""` for never; undefined if it keeps its settings to itself, as managed ones do. */
  async redisSnapshots(): Promise<string | undefined> {
    const answer = await this.redis.config("GET", "save").catch(() => undefined);
    return answer?.[1];
  }

  /** The names of the consumer groups of a stream; none if there is no such stream. */
  async redisGroups(stream: string): Promise<string[]> {
    const key = this.keys.stream(stream);
    if ((await this.redis.exists(key)) === 0) return [];
    const groups = (await this.redis.xinfo("GROUPS", key)) as unknown[][];
    return groups.map((fields) => String(fields[fields.indexOf("name") + 1]));
  }

  /** As whom it is used, and what everybody may do who has no account; undefined where that is told to few. */
  async redisAccess(): Promise<{ user: string; defaultRules: string[] | undefined }> {
    const user = await this.redis.call("ACL", "WHOAMI").catch(() => "unknown");
    const told = (await this.redis.call("ACL", "GETUSER", "default").catch(() => undefined)) as unknown[] | undefined;
    const defaultRules = told?.[told.indexOf("flags") + 1] as string[] | undefined;
    return { user: String(user), defaultRules };
  }

  /** Of these tasks the keys of those of which the index of their type knows nothing. */
  async withoutIndex(tasks: readonly { agentType: string; taskKey: string }[]): Promise<string[]> {
    const types = [...Map.groupBy(tasks, ({ agentType }) => agentType)];
    const unknown = await Promise.all(
      types.map(async ([agentType, ofType]) => {
        const taskKeys = ofType.map(({ taskKey }) => taskKey);
        const values = await this.redis.hmget(this.keys.inFlight(agentType), ...taskKeys);
        return taskKeys.filter((_key, index) => values[index] === null);
      }),
    );
    return unknown.flat();
  }

  schema(): Promise<SchemaInspection> {
    return inspectSchema(this.pool);
  }

  postgresClock(): Promise<ClockReading> {
    return readClock(async () => {
      const sql = "select (1000 * extract(epoch from clock_timestamp()))::double precision as ms";
      return (await this.pool.query<{ ms: number }>(sql)).rows[0]!.ms;
    });
  }

  redisClock(): Promise<ClockReading> {
    return readClock(async () => {
      const [seconds, microseconds] = await this.redis.time();
      return Number(seconds) * 1000 + Number(microseconds) / 1000;
    });
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.pool.end();
  }
}

/** @param ask the other clock's time, in ms since 1970. */
async function readClock(ask: () => Promise<number>): Promise<ClockReading> {
  let best: ClockReading | undefined;
  for (let reading = 0; reading < CLOCK_READINGS; reading++) {
    const before = Date.now();
    const theirsMs = await ask();
    const after = Date.now();
    const uncertaintyMs = (after - before) / 2 + OWN_RESOLUTION_MS;
    const aheadMs = theirsMs - (before + after) / 2;
    if (best === undefined || uncertaintyMs < best.uncertaintyMs) best = { aheadMs, uncertaintyMs };
  }
  return best!;
}
