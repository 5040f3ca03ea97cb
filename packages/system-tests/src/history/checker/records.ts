import type pg from "pg";

/** A workflow as PostgreSQL has it, with all that belongs to it. */
export interface WorkflowRecord {
  id: string;
  state: string;
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  dead: number;
  finishedAtMs: number | null;
  /** In the order of their positions. */
  tasks: TaskRecord[];
  attempts: AttemptRecord[];
}

export interface TaskRecord {
  state: string;
  attempt: number;
  handler: string;
  output: string | null;
}

/** How an attempt ended; `delivery` is '' for its one end, else it names a delivery that was lost or refused. */
interface AttemptRecord {
  position: number;
  attempt: number;
  delivery: string;
  outcome: string;
  dispatchedAtMs: number | null;
  recordedAtMs: number;
  incarnation: string | null;
}

/** Where primary records come from. */
export interface PrimaryRecords {
  /** Those of the workflows that exist. */
  workflows(ids: readonly string[]): Promise<Map<string, WorkflowRecord>>;
  /** Ids of all workflows, in pages. */
  ids(): AsyncIterable<string[]>;
}

const PAGE = 1_000;

const WORKFLOWS = `
  select id, state, total, succeeded, failed, cancelled, dead, extract(epoch from finished_at)::float8 * 1000 as "finishedAtMs"
  from workflow where id = any ($1)`;
const TASKS = `
  select workflow_id, state, attempt, handler, output from task where workflow_id = any ($1) order by workflow_id, position`;
const ATTEMPTS = `
  select workflow_id, position, attempt, delivery, outcome, incarnation,
         extract(epoch from dispatched_at)::float8 * 1000 as "dispatchedAtMs",
         extract(epoch from recorded_at)::float8 * 1000 as "recordedAtMs"
  from attempt_history where workflow_id = any ($1) order by workflow_id, position, attempt, delivery`;

/** The primary records of a hive's database, read in one connection. */
export class PostgresRecords implements PrimaryRecords {
  constructor(private readonly connection: Pick<pg.Client, "query">) {}

  async workflows(ids: readonly string[]): Promise<Map<string, WorkflowRecord>> {
    const read = async <T>(text: string): Promise<T[]> => (await this.connection.query(text, [ids])).rows as T[];
    const rows = await read<Omit<WorkflowRecord, "tasks" | "attempts">>(WORKFLOWS);
    const records = new Map<string, WorkflowRecord>(rows.map((row) => [row.id, { ...row, tasks: [], attempts: [] }]));
    for (const { workflow_id, ...task } of await read<TaskRecord & { workflow_id: string }>(TASKS)) {
      records.get(workflow_id)?.tasks.push(task);
    }
    for (const { workflow_id, ...attempt } of await read<AttemptRecord & { workflow_id: string }>(ATTEMPTS)) {
      records.get(workflow_id)?.attempts.push(attempt);
    }
    return records;
  }

  async *ids(): AsyncGenerator<string[]> {
    for (let after = "00000000-0000-0000-0000-000000000000"; ;) {
      const { rows } = await this.connection.query("select id from workflow where id > $1 order by id limit $2", [
        after,
        PAGE,
      ]);
      if (rows.length > 0) yield rows.map(({ id }) => id as string);
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }
}
