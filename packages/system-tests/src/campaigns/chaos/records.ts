/** Reads from PostgreSQL and Redis what a round left, and finds what must not be there. */
import type pg from "pg";
import { parseTaskKey } from "@agent-hive/contracts";
import type { CampaignHive } from "./campaign-hive.js";
import type { Fault } from "./fault-kinds.js";
import type { RecordedRun } from "./measurements.js";

/** When attempts ended, by PostgreSQL's clock, in milliseconds since 1970, in order. */
export async function recordedTimes(database: pg.Pool): Promise<number[]> {
  const { rows } = await database.query<{ ms: number }>(
    `select (extract(epoch from recorded_at) * 1000)::float8 as ms from attempt_history where delivery = '' order by 1`,
  );
  return rows.map(({ ms }) => ms);
}

/** The history of all tasks that were held by someone who was struck. */
export async function runsOf(database: pg.Pool, faults: readonly Fault[]): Promise<RecordedRun[]> {
  const keys = faults.flatMap(({ held }) => held.map(({ taskKey }) => parseTaskKey(taskKey)!));
  const { rows } = await database.query<RecordedRun>(
    `select workflow_id || ':' || position as "taskKey", attempt, delivery, incarnation,
            (extract(epoch from started_at) * 1000)::float8 as "startedMs"
     from attempt_history
     where (workflow_id, position) in (select * from unnest($1::uuid[], $2::integer[]))`,
    [keys.map(({ workflowId }) => workflowId), keys.map(({ position }) => position)],
  );
  return rows;
}

/** Each finds what contradicts an invariant, in a column `which`. */
const CONTRADICTIONS: readonly { invariant: string; what: string; sql: string }[] = [
  {
    invariant: "I1",
    what: "has not ended",
    sql: `select id::text as which from workflow where state = 'running'`,
  },
  {
    // But for tasks whose process was really killed three times while they ran alone: those are dead letters by right.
    invariant: "I1",
    what: "ended otherwise than succeeded, though its tasks can",
    sql: `select concat_ws(' ', w.id, w.state, t.task_id, t.state, t.error) as which
          from workflow w left join task t on t.workflow_id = w.id and t.state in ('failed', 'dead')
          where w.state in ('failed', 'cancelled') and coalesce(t.crashes_alone, 0) < 3`,
  },
  {
    invariant: "I1",
    what: "was left in a queue",
    sql: `select workflow_id || ':' || position as which from ready_queue
          union all select workflow_id || ':' || position from delayed_queue`,
  },
  {
    invariant: "I2",
    what: "succeeded, and was not recorded exactly once",
    sql: `select t.workflow_id || ':' || t.position || ', recorded ' || count(h) || ' times,' as which
          from task t left join attempt_history h on (h.workflow_id, h.position) = (t.workflow_id, t.position)
            and h.delivery = '' and h.outcome = 'succeeded'
          where t.state = 'succeeded'
          group by t.workflow_id, t.position having count(h) <> 1`,
  },
  {
    invariant: "I3",
    what: "was applied from a process that had been given up",
    sql: `select h.workflow_id || ':' || h.position || ' attempt ' || h.attempt as which
          from attempt_history h join attempt_history g using (workflow_id, position, attempt, incarnation)
          where h.delivery = '' and g.outcome in ('crashed', 'frozen') and h.recorded_at > g.recorded_at`,
  },
  {
    // Starts are told in whole milliseconds.
    invariant: "I4",
    what: "started before a dependency was recorded",
    sql: `select s.workflow_id || ':' || s.position as which
          from task d cross join unnest(d.successors) as successor
          join attempt_history r on (r.workflow_id, r.position) = (d.workflow_id, d.position) and r.outcome = 'succeeded'
          join attempt_history s on (s.workflow_id, s.position) = (d.workflow_id, successor)
          where s.started_at < r.recorded_at - interval '1 ms'`,
  },
  {
    invariant: "I8",
    what: "has counters that do not add up to its tasks",
    sql: `select w.id::text as which from workflow w join task t on t.workflow_id = w.id
          group by w.id
          having (w.total, w.succeeded, w.failed, w.cancelled, w.dead) <>
                 (count(*), count(*) filter (where t.state = 'succeeded'), count(*) filter (where t.state = 'failed'),
                  count(*) filter (where t.state = 'cancelled'), count(*) filter (where t.state = 'dead'))
              or (w.state <> 'running' and w.total <> w.succeeded + w.failed + w.cancelled + w.dead)`,
  },
];

/** What PostgreSQL holds that must not be, each in one sentence. */
export async function contradictions(database: pg.Pool, accepted: ReadonlyMap<string, number>): Promise<string[]> {
  const found = await missing(database, accepted);
  for (const { invariant, what, sql } of CONTRADICTIONS) {
    const { rows } = await database.query<{ which: string }>(sql);
    found.push(...rows.map(({ which }) => `${invariant}: ${which} ${what}`));
  }
  return found;
}

/** @param accepted the workflows that the hive said it had, with the number of their tasks. */
async function missing(database: pg.Pool, accepted: ReadonlyMap<string, number>): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select a.id from unnest($1::uuid[], $2::integer[]) a (id, tasks)
     where a.tasks <> (select count(*) from task t where t.workflow_id = a.id)`,
    [[...accepted.keys()], [...accepted.values()]],
  );
  return rows.map(({ id }) => `I1: ${id} was accepted, and is not there with all its tasks`);
}

/** A process that was given up though nobody struck it. */
export interface Innocent {
  incarnation: string;
  outcome: "crashed" | "frozen";
}

export async function innocents(database: pg.Pool, faults: readonly Fault[]): Promise<Innocent[]> {
  const struck = faults.flatMap(({ incarnation }) => incarnation ?? []);
  const { rows } = await database.query<Innocent>(
    `select distinct incarnation, outcome from attempt_history
     where outcome in ('crashed', 'frozen') and not (incarnation = any($1))`,
    [struck],
  );
  return rows;
}

const WORK_STREAM = /^(workflow:(dispatch|results)|agent_messages:.*)$/;
const WORK_INDEX = /^hive:(in_flight|started|crashes|checkpoints):/;

/** What Redis still holds of work when there is none. */
export async function leftInRedis({ redis, keys }: Pick<CampaignHive, "redis" | "keys">): Promise<string[]> {
  const all = (await redis.call("KEYS", [`${keys.prefix}*`])) as string[];
  const sizes = await Promise.all(
    all.map(async (key) => {
      const name = key.slice(keys.prefix.length);
      const command = WORK_STREAM.test(name) ? "XLEN" : WORK_INDEX.test(name) ? "HLEN" : undefined;
      return { name, size: command === undefined ? 0 : Number(await redis.call(command, [key])) };
    }),
  );
  return sizes.filter(({ size }) => size > 0).map(({ name, size }) => `I7: ${name} still holds ${size}`);
}
