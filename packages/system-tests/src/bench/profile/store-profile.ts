/** Where PostgreSQL and Redis spend their time, by their own statistics. */
import type pg from "pg";
import { scriptNameOf } from "@agent-hive/streams";
import type { BenchStores } from "../bench-stores.js";

/** Enough for every command of a burst; each takes a few hundred bytes of Redis while it is profiled. */
const COMMANDS_KEPT = 200_000;
const SHOWN = 25;
const STATEMENT_CHARACTERS = 110;

/** Has both keep statistics of every statement, function and command: this itself costs some percent. */
export async function keepStatistics(stores: BenchStores): Promise<void> {
  await stores.query("alter system set shared_preload_libraries = 'pg_stat_statements'");
  await stores.query("alter system set track_functions = 'all'");
  await stores.restartPostgres();
  await stores.query("alter system set pg_stat_statements.track = 'all'");
  await stores.query("select pg_reload_conf()");
  await stores.query("create extension if not exists pg_stat_statements");
  await stores.redis.config("SET", "slowlog-max-len", COMMANDS_KEPT);
  await stores.redis.config("SET", "slowlog-log-slower-than", 0);
}

export async function resetStatistics(stores: BenchStores, database: pg.Pool): Promise<void> {
  await stores.query("select pg_stat_statements_reset()");
  await database.query("select pg_stat_reset()");
  await stores.redis.config("RESETSTAT");
  await stores.redis.slowlog("RESET");
}

/** Lines of text: functions and statements of PostgreSQL, commands and scripts of Redis. */
export async function storeReport(stores: BenchStores, database: pg.Pool): Promise<(tasks: number) => string[]> {
  const functions = await functionTimes(database);
  const statements = await statementTimes(stores);
  const commands = await commandTimes(stores);
  return (tasks) => [
    "== PostgreSQL, functions: µs per task in all, of which the function itself, calls, name",
    ...functions.map(
      ({ total, self, calls, name }) =>
        `${perTask(total * 1000, tasks)} ${perTask(self * 1000, tasks)} ${String(calls).padStart(8)}  ${name}`,
    ),
    "== PostgreSQL, statements (nested ones are in those around them, too): µs per task, calls, rows, text",
    ...statements.map(
      ({ total, calls, rows, text }) =>
        `${perTask(total * 1000, tasks)} ${String(calls).padStart(8)} ${String(rows).padStart(8)}  ${text}`,
    ),
    "== Redis, commands and scripts: µs per task, calls, mean µs, name",
    ...commands.map(
      ({ total, calls, name }) =>
        `${perTask(total, tasks)} ${String(calls).padStart(8)} ${(total / calls).toFixed(0).padStart(7)}  ${name}`,
    ),
  ];
}

export function perTask(microseconds: number, tasks: number): string {
  return (microseconds / tasks).toFixed(2).padStart(8);
}

async function functionTimes(database: pg.Pool) {
  const { rows } = await database.query<{ name: string; calls: number; total: number; self: number }>(
    `select funcname as name, calls::integer, total_time as total, self_time as self
       from pg_stat_user_functions order by total_time desc limit $1`,
    [SHOWN],
  );
  return rows;
}

async function statementTimes(stores: BenchStores) {
  const rows = await stores.query<{ text: string; calls: number; rows: number; total: number }>(
    `select s.query as text, s.calls::integer, s.rows::integer, s.total_exec_time as total
       from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname = 'bench_hive' order by s.total_exec_time desc limit $1`,
    [SHOWN],
  );
  return rows.map((row) => ({ ...row, text: row.text.replaceAll(/\s+/g, " ").slice(0, STATEMENT_CHARACTERS) }));
}

async function commandTimes(stores: BenchStores) {
  const entries = (await stores.redis.slowlog("GET", -1)) as [number, number, number, string[]][];
  const times = new Map<string, { total: number; calls: number }>();
  for (const [, , microseconds, [command, digest]] of entries) {
    const name = command!.toLowerCase() === "evalsha" ? (scriptNameOf(digest!) ?? `evalsha ${digest}`) : command!;
    const time = times.get(name) ?? { total: 0, calls: 0 };
    times.set(name, { total: time.total + microseconds, calls: time.calls + 1 });
  }
  return [...times].map(([name, time]) => ({ name, ...time })).sort((one, other) => other.total - one.total);
}
