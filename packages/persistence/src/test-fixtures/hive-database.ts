import type pg from "pg";
import { createPool } from "../database.js";
import { EpochStore } from "../epoch-store.js";
import { WorkflowStore, type WorkflowStoreOptions } from "../workflow-store.js";

/** A store over a test's own database, and looks into its tables that the store itself does not offer. */
export interface HiveDatabase {
  pool: pg.Pool;
  store: WorkflowStore;
  epochs: EpochStore;
  /** `t0:succeeded t1:dispatched@2 …`, in the order of positions. */
  states(workflowId: string): Promise<string>;
  /** History of one workflow: `t0@1 succeeded`, …, in the order of keys. */
  history(workflowId: string): Promise<string[]>;
  /** Throws unless all counters equal what they count (I8), and queues hold exactly what waits in them. */
  assertConserved(): Promise<void>;
}

const CONSERVATION = `
  select w.id, 'counters' as what
  from workflow w
  join (select workflow_id, count(*) as total,
               count(*) filter (where state = 'succeeded') as succeeded, count(*) filter (where state = 'failed') as failed,
               count(*) filter (where state = 'cancelled') as cancelled, count(*) filter (where state = 'dead') as dead
        from task group by workflow_id) t on t.workflow_id = w.id
  where (w.total, w.succeeded, w.failed, w.cancelled, w.dead) is distinct from
        (t.total, t.succeeded, t.failed, t.cancelled, t.dead)
     or (w.state = 'running') <> (t.succeeded + t.failed + t.cancelled + t.dead < t.total)
     or (w.state = 'running') <> (w.finished_at is null)
  union all
  select coalesce(t.workflow_id, q.workflow_id), 'ready_queue'
  from (select * from task where state = 'ready') t
  full join ready_queue q using (workflow_id, position)
  where (t.agent_type, t.priority, t.remaining_path) is distinct from (q.agent_type, q.priority, q.remaining_path)
  union all
  select coalesce(t.workflow_id, q.workflow_id), 'delayed_queue'
  from (select * from task where state = 'delayed') t
  full join delayed_queue q using (workflow_id, position)
  where t.due_at is distinct from q.due_at
  union all
  select t.workflow_id, 'successes'
  from task t
  left join (select workflow_id, position, count(*) as n from attempt_history where outcome = 'succeeded' group by 1, 2) h
    using (workflow_id, position)
  where (t.state = 'succeeded')::integer <> coalesce(h.n, 0)`;

/** Connects to a migrated database. */
export function openHiveDatabase(url: string, options: WorkflowStoreOptions = {}): HiveDatabase {
  const pool = createPool({ url, applicationName: "persistence-test" });
  const lines = async (sql: string, values: unknown[]): Promise<string[]> =>
    (await pool.query<{ line: string }>(sql, values)).rows.map(({ line }) => line);
  return {
    pool,
    store: new WorkflowStore(pool, options),
    epochs: new EpochStore(pool),
    states: async (workflowId) =>
      (
        await lines(
          `select task_id || ':' || state || case when attempt > 1 then '@' || attempt else '' end as line
           from task where workflow_id = $1 order by position`,
          [workflowId],
        )
      ).join(" "),
    history: (workflowId) =>
      lines(
        `select 't' || position || '@' || attempt || ' ' || outcome as line
         from attempt_history where workflow_id = $1 order by position, attempt, delivery`,
        [workflowId],
      ),
    assertConserved: async () => {
      const { rows } = await pool.query(CONSERVATION);
      if (rows.length > 0) throw new Error(`Not conserved: ${JSON.stringify(rows.slice(0, 5))}`);
    },
  };
}
