/** PostgreSQL and Redis: their versions, and the settings by which nothing is lost. */
import { judged, type Finding, type HivelessCheck } from "../check.js";

const POSTGRES_MAJOR = 18;
/** Scripts and their limits are those of Redis 7. */
const REDIS_MAJOR = 7;
/** For another engine and its pool, and for a person who looks. */
const FREE_CONNECTIONS = 20;

/** PostgreSQL's words for commits that are on its own disk when they are answered. */
const DURABLE_COMMITS = ["on", "local", "remote_write", "remote_apply"];

export const storeChecks: HivelessCheck[] = [
  {
    id: "postgres-version",
    title: "Version of PostgreSQL",
    severity: "needed",
    wanted: `${POSTGRES_MAJOR} or newer`,
    run: async ({ stores }) => judgePostgresVersion((await stores.postgresSettings("server_version")).server_version),
  },
  {
    id: "postgres-durability",
    title: "What PostgreSQL has committed survives its crash",
    severity: "needed",
    wanted: "fsync on, full_page_writes on, synchronous_commit not off",
    run: async ({ stores }) =>
      judgeDurability(await stores.postgresSettings("fsync", "full_page_writes", "synchronous_commit")),
  },
  {
    id: "postgres-connections",
    title: "PostgreSQL has connections left",
    severity: "needed",
    wanted: `at least ${FREE_CONNECTIONS} beside those of the running hive`,
    run: async ({ stores }) => {
      const settings = await stores.postgresSettings("max_connections", "superuser_reserved_connections");
      return judgeConnections({
        most: Number(settings.max_connections),
        reserved: Number(settings.superuser_reserved_connections),
        used: await stores.postgresConnections(),
      });
    },
  },
  {
    id: "redis-version",
    title: "Version of Redis",
    severity: "needed",
    wanted: `${REDIS_MAJOR} or newer`,
    run: async ({ stores }) => judgeRedisVersion((await stores.redisInfo())["redis_version"]),
  },
  {
    id: "redis-eviction",
    title: "Redis evicts nothing",
    severity: "needed",
    wanted: "maxmemory-policy noeviction",
    run: async ({ stores }) => judgeEviction((await stores.redisInfo())["maxmemory_policy"]),
  },
  {
    id: "redis-persistence",
    title: "Redis keeps its data over a restart",
    severity: "advised",
    wanted: "an append-only file",
    run: async ({ stores }) =>
      judgePersistence({
        isAppendOnly: (await stores.redisInfo())["aof_enabled"] === "1",
        snapshots: await stores.redisSnapshots(),
      }),
  },
];

export function judgePostgresVersion(version = "unknown"): Finding {
  return judged(
    majorOf(version) >= POSTGRES_MAJOR,
    `PostgreSQL ${version}`,
    `Use PostgreSQL ${POSTGRES_MAJOR}: all that is promised is tested with it.`,
  );
}

export function judgeRedisVersion(version = "unknown"): Finding {
  return judged(majorOf(version) >= REDIS_MAJOR, `Redis ${version}`, `Use Redis ${REDIS_MAJOR} or newer.`);
}

const majorOf = (version: string): number => Number.parseInt(version, 10);

type DurabilitySettings = Partial<Record<"fsync" | "full_page_writes" | "synchronous_commit", string>>;

export function judgeDurability(settings: DurabilitySettings): Finding {
  const { fsync, full_page_writes: fullPages, synchronous_commit: commits } = settings;
  const loose = [
    ...(fsync === "on" ? [] : ["fsync = on"]),
    ...(fullPages === "on" ? [] : ["full_page_writes = on"]),
    ...(commits !== undefined && DURABLE_COMMITS.includes(commits) ? [] : ["synchronous_commit = on"]),
  ];
  return judged(
    loose.length === 0,
    `fsync ${fsync}, full_page_writes ${fullPages}, synchronous_commit ${commits}`,
    `Set ${loose.join(" and ")} in postgresql.conf, for this database and its user, too; what is recorded may be lost otherwise.`,
  );
}

export function judgeConnections({ most, reserved, used }: Record<"most" | "reserved" | "used", number>): Finding {
  const free = most - reserved - used;
  return judged(
    free >= FREE_CONNECTIONS,
    `${free} left: max_connections ${most}, ${reserved} reserved, ${used} in use`,
    `Set max_connections to ${reserved + used + FREE_CONNECTIONS} or more in postgresql.conf, or close what else uses the server.`,
    [
      { name: "connections in use", value: used, unit: "1" },
      { name: "connections left", value: free, unit: "1" },
    ],
  );
}

export function judgeEviction(policy = "unknown"): Finding {
  return judged(
    policy === "noeviction",
    `maxmemory-policy ${policy}`,
    "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf. Under any other policy Redis may evict a stream together with its groups.",
  );
}

/** @param kept.snapshots when they are written, `""` for never, undefined if Redis does not tell. */
export function judgePersistence(kept: { isAppendOnly: boolean; snapshots: string | undefined }): Finding {
  const snapshots = kept.snapshots === undefined ? "snapshots unknown" : kept.snapshots || "no snapshots";
  return judged(
    kept.isAppendOnly,
    kept.isAppendOnly ? "append-only file" : `no append-only file, ${snapshots}`,
    "Set it: redis-cli CONFIG SET appendonly yes, and in redis.conf. Without it PostgreSQL must dispatch again whatever was in flight when Redis was restarted.",
  );
}
