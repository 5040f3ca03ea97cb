/**
 * Reads what PostgreSQL has of a run: in one snapshot, so that counters and what they count belong together, and in a
 * session that cannot write. By pages of workflows; never task by task. What is too much to be read one by one is counted,
 * and a sample of whole workflows read.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { DatabaseAwayError } from "@agent-hive/persistence";
import {
  stepsOf,
  type AttemptRecord,
  type RunRecords,
  type RunTotals,
  type SubmissionRecord,
  type TaskRecord,
  type WorkflowRecord,
} from "@agent-hive/measurement";
import { stepTotalsOf, type StepRow } from "./run-totals.js";

const load = (name: string): string => readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8");
const WINDOW_TOTALS = load("window-totals");
const STEPS = load("steps");
const CHOOSE_WORKFLOWS = load("choose-workflows");
const WORKFLOWS_OF = load("workflows-of");
const TASKS_OF = load("tasks-of");
const ATTEMPTS_OF = load("attempts-of");
const SUBMISSIONS = load("submissions");

const PAGE = 1_000;
/** A task that ran well has one row of history; ten each is a run full of trouble. */
const MOST_ATTEMPTS_PER_TASK = 10;

/** More than one measurement may read, where a sample does not help: one workflow alone may be too large. */
export class TooMuchToMeasureError extends Error {
  override readonly name = "TooMuchToMeasureError";

  constructor(what: string, most: number) {
    super(
      `More than ${most} ${what} would have to be read. Measure a shorter window, or let more be read at once: ` +
        "HIVE_MEASURED_TASKS says how many tasks.",
    );
  }
}

export type Window = RunRecords["window"];
export type StoredRecords = Pick<RunRecords, "workflows" | "tasks" | "attempts" | "submissions" | "totals" | "absent">;

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
   * @param wanted workflows that are read whatever the sample: those that something was done to.
   * @throws TooMuchToMeasureError
   * @throws DatabaseAwayError
   */
  async read(window: Window, wanted: readonly string[] = []): Promise<StoredRecords> {
    const client = await unlessAway(this.pool.connect());
    try {
      await rows(client, "begin transaction isolation level repeatable read read only");
      const records = await this.readSnapshot(client, window, wanted);
      await rows(client, "commit");
      client.release();
      return records;
    } catch (error) {
      client.release(true); // whatever state it is in
      throw error;
    }
  }

  private async readSnapshot(client: pg.PoolClient, window: Window, wanted: readonly string[]): Promise<StoredRecords> {
    const { fromMs, toMs } = window;
    const [counts] = await rows<WindowTotals>(client, WINDOW_TOTALS, [fromMs, toMs]);
    const isSample = counts!.tasks > this.mostTasks;
    const chosen = await rows<{ id: string }>(client, CHOOSE_WORKFLOWS, [fromMs, toMs, this.mostTasks, wanted]);
    if (chosen.length === 0 && isSample) throw new TooMuchToMeasureError("tasks", this.mostTasks);
    const one = await this.readOneByOne(
      client,
      chosen.map(({ id }) => id),
    );
    const submissions = await rows<SubmissionRecord>(client, SUBMISSIONS, [fromMs, toMs, this.mostTasks]);
    const totals = isSample ? await totalsOf(client, window, counts!) : null;
    return { ...one, submissions, totals, absent: isSample ? [sampleSentence(counts!, one.tasks.length)] : [] };
  }

  private async readOneByOne(
    client: pg.PoolClient,
    ids: readonly string[],
  ): Promise<Pick<StoredRecords, "workflows" | "tasks" | "attempts">> {
    const workflows: WorkflowRecord[] = [];
    const tasks: TaskRecord[] = [];
    const attempts: AttemptRecord[] = [];
    const most = MOST_ATTEMPTS_PER_TASK * this.mostTasks;
    for (let from = 0; from < ids.length; from += PAGE) {
      const page = ids.slice(from, from + PAGE);
      append(workflows, await rows<WorkflowRecord>(client, WORKFLOWS_OF, [page]));
      // A counter that is wrong may have let in more tasks than it told of.
      append(tasks, await rows<TaskRecord>(client, TASKS_OF, [page, this.mostTasks - tasks.length + 1]));
      requireAtMost(this.mostTasks, "tasks", tasks.length);
      append(attempts, await rows<AttemptRecord>(client, ATTEMPTS_OF, [page, most - attempts.length + 1]));
      requireAtMost(most, "attempts", attempts.length);
    }
    return { workflows, tasks, attempts };
  }
}

type WindowTotals = Omit<RunTotals, "stepMs" | "steps">;

async function totalsOf(client: pg.PoolClient, window: Window, counts: WindowTotals): Promise<RunTotals> {
  const { stepMs, ends } = stepsOf(window);
  const found = await rows<StepRow>(client, STEPS, [window.fromMs, window.toMs, stepMs, ends.length]);
  return { ...counts, ...stepTotalsOf(window, found) };
}

const sampleSentence = ({ tasks }: WindowTotals, read: number): string =>
  `Of ${tasks} tasks ${read} were read one by one, a sample of whole workflows: what is not counted is told of these alone.`;

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
