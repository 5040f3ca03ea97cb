import "reflect-metadata";
import pg from "pg";
import { DataSource } from "typeorm";
import { AttemptEntity } from "./entities/attempt.entity.js";
import { DeadLetterEntity } from "./entities/dead-letter.entity.js";
import { TaskEntity } from "./entities/task.entity.js";
import { WorkflowEntity } from "./entities/workflow.entity.js";
import { MIGRATIONS } from "./migrations/index.js";

/** How to reach PostgreSQL. */
export interface DatabaseOptions {
  /** `postgres://…` */
  url: string;
  /** Shown in pg_stat_activity, e.g. `workflow-engine`. */
  applicationName: string;
  /** Connections at most. Default 4. */
  maxConnections?: number;
  /** No statement may take longer. Default 15,000. */
  statementTimeoutMs?: number;
  /** PostgreSQL itself refuses every write of these sessions: for whoever only looks. Default false. */
  readOnly?: boolean;
}

/**
 * Opening a connection, or waiting for one of the pool's, may take this long, in milliseconds. Whoever waits is answered
 * over HTTP, and is better told to come again than kept.
 */
const CONNECT_TIMEOUT_MS = 1_500;

/** A transaction that its process has forgotten holds locks no longer than this, in milliseconds. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** A statement whose client has died ends, and gives up its locks, within this time, in milliseconds. */
const CLIENT_CHECK_MS = 1_000;

/** What every session of ours asks of the server. */
export function sessionSettings(options: DatabaseOptions): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  return {
    application_name: options.applicationName,
    statement_timeout: statementTimeoutMs,
    // The client's own limit, for a server that answers no more: later than the server's, which says more.
    query_timeout: statementTimeoutMs + 2_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options:
      `-c client_connection_check_interval=${CLIENT_CHECK_MS}` +
      (options.readOnly ? " -c default_transaction_read_only=on" : ""),
  };
}

function poolSettings(options: DatabaseOptions): pg.PoolConfig {
  return {
    ...sessionSettings(options),
    max: options.maxConnections ?? 4,
    // What is ours stays ours, should others take all connections that are left.
    idleTimeoutMillis: 0,
  };
}

/** The pool for the hot paths (`WorkflowStore`). End it with `pool.end()`. */
export function createPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString: options.url, ...poolSettings(options) });
  // A broken idle connection is replaced at the next use; without a listener it would end the process. So would one that
  // breaks in somebody's hands, whose query tells of it.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** The TypeORM data source for plain reads (`WorkflowQueries`), not yet initialised. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { max, ...extra } = poolSettings(options);
  return new DataSource({
    type: "postgres",
    url: options.url,
    applicationName: options.applicationName,
    poolSize: max,
    extra,
    entities: [WorkflowEntity, TaskEntity, AttemptEntity, DeadLetterEntity],
    migrations: MIGRATIONS,
    migrationsTableName: "migration",
    poolErrorHandler: () => undefined,
    synchronize: false,
    installExtensions: false,
    logging: false,
  });
}

/**
 * Breaks off all connections that a pool has at the moment: what waits on them fails, with an outcome that is not known,
 * and new ones are made. For a server that is silent: it may have forgotten them, and would be silent on them for ever.
 */
export function breakConnections(pool: pg.Pool): void {
  for (const client of (pool as unknown as PoolInside)._clients) {
    client.on("error", () => undefined); // told to whoever waits; unheard it would end the process
    client.connection.stream.destroy();
  }
}

/** What the driver keeps for itself: it can end a pool for good, but not give up connections that a server has forgotten. */
interface PoolInside {
  _clients: (pg.Client & { connection: { stream: { destroy(): void } } })[];
}

/** The pool below the data source, once that is initialised. */
export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { master: pg.Pool }).master;
}
