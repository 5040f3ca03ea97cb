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
}

/** Opening a connection may take this long, in milliseconds: longer than PostgreSQL's own restart. */
const CONNECT_TIMEOUT_MS = 5_000;

/** A transaction that its process has forgotten holds locks no longer than this, in milliseconds. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

function connectionSettings(options: DatabaseOptions): pg.PoolConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  return {
    max: options.maxConnections ?? 4,
    application_name: options.applicationName,
    statement_timeout: statementTimeoutMs,
    // The client's own limit, for a server that answers no more: later than the server's, which says more.
    query_timeout: statementTimeoutMs + 2_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

/** The pool for the hot paths (`WorkflowStore`). End it with `pool.end()`. */
export function createPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString: options.url, ...connectionSettings(options) });
  // A broken idle connection is replaced at the next use; without a listener it would end the process.
  pool.on("error", () => undefined);
  return pool;
}

/** The TypeORM data source for plain reads (`WorkflowQueries`), not yet initialised. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { max, ...extra } = connectionSettings(options);
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
