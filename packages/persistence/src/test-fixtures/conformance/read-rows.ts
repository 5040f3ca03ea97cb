/** Every row of every table that workflows have, with PostgreSQL's times turned into the times of the model. */
import type pg from "pg";

type Row = Record<string, unknown>;

/** Rows by table, in the order of their keys. Times are the model's; JSON texts of errors and fields are parsed. */
export type Rows = Record<
  | "hive_state"
  | "workflow"
  | "task"
  | "attempt_history"
  | "ready_queue"
  | "delayed_queue"
  | "dead_letter"
  | "submission",
  Row[]
>;

/** Names the task that a row is about. */
export const taskOf = (row: Row): string => `${String(row.workflow_id)}:${String(row.position)}`;

const micros = (column: string): string => `'${column}', (extract(epoch from r.${column}) * 1000000)::bigint`;

const rowsOf = (table: string, order: string, times: string[], row = "to_jsonb(r)"): string =>
  `'${table}', (select coalesce(jsonb_agg(${row} || jsonb_build_object(${times.map(micros).join(", ")}) order by ${order}), '[]')
     from ${table} r)`;

const READ = `select jsonb_build_object(
  'hive_state', (select jsonb_agg(jsonb_build_object(${micros("epoch_began")})) from hive_state r),
  ${[
    rowsOf("workflow", "r.id", ["created_at", "finished_at"]),
    rowsOf("task", "r.workflow_id, r.position", ["dispatched_at", "due_at", "finished_at"]),
    rowsOf("attempt_history", 'r.workflow_id, r.position, r.attempt, r.delivery collate "C"', [
      "dispatched_at",
      "started_at",
      "finished_at",
      "recorded_at",
    ]),
    rowsOf("ready_queue", "r.workflow_id, r.position", []),
    rowsOf("delayed_queue", "r.workflow_id, r.position", ["due_at"]),
    rowsOf("dead_letter", `concat(r.stream, ' ', r.entry_id) collate "C"`, ["created_at"], "to_jsonb(r) - 'id'"),
    rowsOf("submission", 'r.idempotency_key collate "C"', ["created_at"]),
  ].join(",\n  ")}
) as rows, (extract(epoch from clock_timestamp()) * 1000000)::bigint::float8 as now`;

/** Empties what this reads. By DELETE: after a TRUNCATE every function would be planned anew. */
export const EMPTY_ALL = [
  "workflow",
  "task",
  "attempt_history",
  "ready_queue",
  "delayed_queue",
  "dead_letter",
  "submission",
]
  .map((table) => `delete from ${table}`)
  .join("; ");

/** One step: the microseconds between its first and last look at PostgreSQL's clock, and when it was for the model. */
interface Window {
  from: number;
  to: number;
  now: number;
  /** How far time had been moved on until then, in milliseconds. */
  moved: number;
}

/** Reads rows after each step, and knows by the steps' times in which of them a row was written. */
export class RowReader {
  #windows: Window[] = [];
  #from = 0;

  constructor(private readonly pool: pg.Pool) {}

  /** Forgets all steps: what was written before this moment was written at 0. */
  async start(): Promise<void> {
    const { rows } = await this.pool.query<{ now: number }>(`select ${READ.slice(READ.lastIndexOf("(extract"))}`);
    this.#windows = [];
    this.#from = rows[0]!.now;
  }

  /** The rows after a step that was taken at `now` of the model. */
  async read(now: number, moved: number): Promise<Rows> {
    const { rows } = await this.pool.query<{ rows: Rows; now: number }>(READ);
    const { rows: tables, now: to } = rows[0]!;
    this.#windows.push({ from: this.#from, to, now, moved });
    this.#from = to;
    return this.#inTheModelsTime(tables, moved);
  }

  #inTheModelsTime(tables: Rows, moved: number): Rows {
    const failedAt = new Map(
      tables.attempt_history
        .filter(({ delivery }) => delivery === "")
        .map((line) => [taskOf(line), line.recorded_at as number] as const),
    );
    // A due time is told from when the attempt failed, to which SQL added the wait.
    const due = (row: Row): number | null => {
      if (row.due_at === null) return null;
      const failed = failedAt.get(taskOf(row)) ?? Number.NaN;
      const step = this.#windowOf(failed);
      return (step?.now ?? Number.NaN) + ((row.due_at as number) - failed) / 1000 + moved - (step?.moved ?? 0);
    };
    const at = (time: unknown): number | null => {
      if (time === null) return null;
      const step = this.#windowOf(time as number);
      return step?.now ?? ((time as number) <= this.#windows[0]!.from ? (time as number) / 1000 : Number.NaN);
    };
    const parsed = (text: unknown): unknown => (text === null ? null : JSON.parse(text as string));
    return {
      hive_state: tables.hive_state.map(({ epoch_began }) => ({
        epoch_began: this.#windowOf(epoch_began as number)?.now ?? 0,
      })),
      workflow: tables.workflow.map((row) => ({
        ...row,
        created_at: at(row.created_at),
        finished_at: at(row.finished_at),
      })),
      task: tables.task.map((row) => ({
        ...row,
        open_dependencies: row.state === "cancelled" ? "any" : row.open_dependencies,
        dispatched_at: at(row.dispatched_at),
        due_at: due(row),
        finished_at: at(row.finished_at),
        error: parsed(row.error),
      })),
      attempt_history: tables.attempt_history.map((row) => ({
        ...row,
        dispatched_at: at(row.dispatched_at),
        started_at: at(row.started_at),
        finished_at: at(row.finished_at),
        recorded_at: at(row.recorded_at),
        error: parsed(row.error),
      })),
      ready_queue: tables.ready_queue,
      delayed_queue: tables.delayed_queue.map((row) => ({ ...row, due_at: due(row) })),
      dead_letter: tables.dead_letter.map((row) => ({
        ...row,
        created_at: at(row.created_at),
        fields: parsed(row.fields),
      })),
      submission: tables.submission.map((row) => ({ ...row, created_at: at(row.created_at) })),
    };
  }

  #windowOf(time: number): Window | undefined {
    return this.#windows.find(({ from, to }) => from < time && time <= to);
  }
}
