/**
 * Reads what PostgreSQL has of a run: in one snapshot, so that counters and what they count belong together, and in a
 * session that cannot write. By pages of workflows; never task by task.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { DatabaseAwayError } from "@agent-hive/persistence";
import type { AttemptRecord, RunRecords, SubmissionRecord, TaskRecord, WorkflowRecord } from "@agent-hive/measurement";

const load = (name: string): string => readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8");
const WORKFLOWS_PAGE = load("workflows-page");
const TASKS_OF = load("tasks-of");
const ATTEMPTS_OF = load("attempts-of");
const SUBMISSIONS = load("submissions");

const PAGE = 1_000;
const FIRST = "00000000-0000-0000-0000-000000000000";
/** A task that ran well has one row of history; ten each is a run full of trouble. */
const MOST_ATTEMPTS_PER_TASK = 10;

/** More happened in the window than one measurement may cover. */
export class TooMuchToMeasureError extends Error {
  override readonly name = "TooMuchToMeasureError";

  constructor(what: string, most: number) {
    super(
      `The window has more than ${most} ${what}. Measure a shorter one, or let more be measured at once: ` +
        "HIVE_MEASURED_TASKS says how many tasks.",
    );
  }
}

export type Window = RunRecords["window"];
export type StoredRecords = Pick<RunRecords, "workflows" | "tasks" | "attempts" | "submissions">;

export class PrimaryRecords {
  constructor(
    private readonly pool: pg.Pool,
    /** Tasks of one reading. */
    private readonly mostTasks: number,
  ) {}

  /** PostgreSQL's time, by which windows are told. */
  async nowMs(): Promise<number> {
    const text = "select extract(epoch from clock_timestamp())::float8 * 1000 as now";
    return (await rows<{ now: number }>(this.pool, text))[0]!.now;
  }

  /**
   * @throws TooMuchToMeasureError
   * @throws DatabaseAwayError
   */
  async read(window: Window): Promise<StoredRecords> {
    const client = await unlessAway(this.pool.connect());
    try {
      await rows(client, "begin transaction isolation level repeatable read read only");
      const records = await this.readSnapshot(client, window);
      await rows(client, "commit");
      client.release();
      return records;
    } catch (error) {
      client.release(true); // whatever state it is in
      throw error;
    }
  }

  private async readSnapshot(client: pg.PoolClient, window: Window): Promise<StoredRecords> {
    const workflows: WorkflowRecord[] = [];
    const tasks: TaskRecord[] = [];
    const attempts: AttemptRecord[] = [];
    for await (const page of pagesOf(client, window)) {
      workflows.push(...page);
      requireAtMost(this.mostTasks, "workflows", workflows.length);
      const ids = page.map(({ id }) => id);
      append(tasks, await rows<TaskRecord>(client, TASKS_OF, [ids, this.mostTasks - tasks.length + 1]));
      requireAtMost(this.mostTasks, "tasks", tasks.length);
      const most = MOST_ATTEMPTS_PER_TASK * this.mostTasks;
      append(attempts, await rows<AttemptRecord>(client, ATTEMPTS_OF, [ids, most - attempts.length + 1]));
      requireAtMost(most, "attempts", attempts.length);
    }
    const { fromMs, toMs } = window;
    const submissions = await rows<SubmissionRecord>(client, SUBMISSIONS, [fromMs, toMs, this.mostTasks + 1]);
    requireAtMost(this.mostTasks, "submissions", submissions.length);
    return { workflows, tasks, attempts, submissions };
  }
}

async function* pagesOf(client: pg.PoolClient, { fromMs, toMs }: Window): AsyncGenerator<WorkflowRecord[]> {
  for (let after = FIRST; ;) {
    const page = await rows<WorkflowRecord>(client, WORKFLOWS_PAGE, [fromMs, toMs, after, PAGE]);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

async function rows<Row extends object>(
  on: Pick<pg.ClientBase, "query">,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await unlessAway(on.query<Row & pg.QueryResultRow>(text, values))).rows;
}

/** Out of resources, interrupted, or shutting down: it answers, and is of no use at the moment. */
const NOT_NOW = /^(08|53|57)/;

/** What PostgreSQL has not answered itself comes of not reaching it. */
async function unlessAway<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof pg.DatabaseError && !NOT_NOW.test(error.code ?? "")) throw error;
    throw new DatabaseAwayError("away", error);
  }
}

/** A spread of so many arguments would not fit on the stack. */
function append<Item>(all: Item[], more: readonly Item[]): void {
  for (const item of more) all.push(item);
}

function requireAtMost(most: number, what: string, count: number): void {
  if (count > most) throw new TooMuchToMeasureError(what, most);
}
