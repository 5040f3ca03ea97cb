import { createHash } from "node:crypto";
import { parseTaskKey, taskKeyOf, type AgentTypes } from "@agent-hive/contracts";
import type pg from "pg";
import { integers, uuids } from "./columns.js";
import { DatabaseAwayError } from "./database-watch.js";
import { ArtifactMismatchError, IdempotencyConflictError } from "./errors.js";
import {
  attemptKey,
  checkpointColumns,
  crashColumns,
  deadLetterColumns,
  encodeWorkflows,
  mergeAdvances,
  resultColumns,
  roomColumns,
  toAdvance,
  toDispatchedTasks,
  toTaskAttempt,
  type AdvanceJson,
  type DispatchedJson,
  type RecordedEnd,
  type StreamOf,
} from "./recording.js";
import { readStatement } from "./sql.js";
import type {
  Advance,
  Batch,
  Cancelled,
  DispatchedTask,
  EncodedWorkflows,
  FreeRoom,
  Idempotency,
  Output,
  OverdueTask,
  Page,
  PlannedWorkflow,
  RecordVerdict,
  RecordedBatch,
  Statistics,
  Submitted,
  TaskAttempt,
  TaskKey,
  TaskStanding,
} from "./types.js";

export interface WorkflowStoreOptions {
  /** Names the stream of a dead letter that is made of a result or a crash; without it the stream is "". */
  agentTypes?: AgentTypes;
}

const OVERDUE_TASKS = readStatement("overdue-tasks");
const DISPATCHED_PAGE = readStatement("dispatched-page");
const STATES_OF = readStatement("states-of");
const OUTPUT_OF = readStatement("output-of");
const STATISTICS = readStatement("statistics");

/** Calls a function of `src/sql`, prepared under its name. */
const call = (name: string, parameters: number): { name: string; text: string } => ({
  name,
  text: `select * from ${name}(${Array.from({ length: parameters }, (_, index) => `$${index + 1}`).join(", ")})`,
});
const SUBMIT = call("submit_workflows", 25);
const LOCK = call("lock_workflows", 1);
const RECORD_RESULTS = call("record_results", 20);
const RECORD_CRASHES = call("record_crashes", 10);
const RECORD_CHECKPOINTS = call("record_checkpoints", 5);
const RECORD_DEAD_LETTERS = call("record_dead_letters", 11);
const REDISPATCH_LOST = call("redispatch_lost", 3);
const RELEASE_DUE = call("release_due", 1);
const CANCEL = call("cancel_workflow", 1);
const DESCRIBE = {
  name: "describe",
  text: `select describe_dispatched(array(
    select row(k.workflow_id, k.position)::task_key
    from unnest($1::uuid[], $2::integer[]) with ordinality as k(workflow_id, position, ordinal)
    join task t on t.workflow_id = any (array[k.workflow_id]) and t.position = k.position
    where t.state = 'dispatched'
    order by k.ordinal
  )) as dispatched`,
};
const FILL_WINDOWS = { name: "fill_windows", text: "select describe_dispatched(fill_windows($1, $2)) as dispatched" };

/** How long tasks may be kept as they are while they are published: Redis is given up earlier. */
const PUBLISH_UNDER_LOCK_MS = 3_000;

/** Plans of more text than this may take so long to be stored. */
const LARGE_PLANS_LENGTH = 1_000_000;
const LARGE_PLANS_TIMEOUT_MS = 120_000;

/** Whatever runs statements: the pool, or the connection of a transaction. */
type Queryable = Pick<pg.ClientBase, "query">;

/**
 * Workflow state in PostgreSQL: the only truth, and the only writer of it. Every method is one transaction and may be
 * called by several engines at once; to repeat a call whose outcome is not known is safe.
 * Keeps I2, I3, I4, I5 and I8; leaves publishing, and everything else that is in Redis, to the engine.
 */
export class WorkflowStore {
  private readonly streamOf: StreamOf;

  constructor(
    private readonly pool: pg.Pool,
    { agentTypes }: WorkflowStoreOptions = {},
  ) {
    this.streamOf = (agentType) => agentTypes?.groupsOf(agentType)[0]?.stream ?? "";
  }

  /**
   * Stores workflows, all or none, and dispatches their first tasks as far as there is room. Without an idempotency key
   * a call whose outcome is not known must not be repeated with new workflow ids.
   *
   * @throws IdempotencyConflictError if the key was used before with another body (I5).
   * @throws DatabaseAwayError if no connection could be had: nothing was stored. After any other loss of PostgreSQL the
   *   workflows may have been.
   */
  async submit(
    workflows: PlannedWorkflow[] | EncodedWorkflows,
    { idempotency, free = {} }: { idempotency?: Idempotency; free?: FreeRoom } = {},
  ): Promise<Submitted> {
    const { summaries, columns } = Array.isArray(workflows) ? encodeWorkflows(workflows) : workflows;
    const values = [idempotency?.key ?? null, idempotency?.requestHash ?? null, ...columns, ...roomColumns(free)];
    const { rows } = await this.storePlans(values);
    const { outcome, workflow_ids: ids, dispatched } = rows[0];
    if (outcome === "conflict") throw new IdempotencyConflictError(idempotency!.key);
    if (outcome === "replayed") return { workflows: await this.summaries(ids), replayed: true, dispatched: [] };
    return {
      workflows: summaries.map((workflow) => ({ ...workflow, state: "running" })),
      replayed: false,
      dispatched: toDispatchedTasks(dispatched),
    };
  }

  /**
   * Records what agents reported and advances the workflows: one transaction, and for results alone one round trip.
   * Checkpoints, crashes and dead letters count before results, so that nothing is dispatched and then cancelled by the
   * same call. The results are a set: all are judged by the same state. Recording the same batch again changes nothing
   * and returns again what may have to be published.
   */
  async recordBatch(batch: Batch, free: FreeRoom): Promise<RecordedBatch> {
    const { results = [], crashes = [], checkpoints = [], deadLetters = [] } = batch;
    if (crashes.length + checkpoints.length + deadLetters.length === 0) {
      return this.recordEnds(this.pool, results, free);
    }
    return this.transaction(async (connection) => {
      const named = [...results, ...crashes, ...checkpoints, ...deadLetters.flatMap(({ task }) => task ?? [])];
      await connection.query({ ...LOCK, values: [uuids(named, (row) => row.workflowId)] });
      if (checkpoints.length > 0) {
        await connection.query({ ...RECORD_CHECKPOINTS, values: checkpointColumns(checkpoints) });
      }
      const crashed = crashes.length === 0 ? [] : [await this.recordCrashes(connection, crashes)];
      const setAside = deadLetters.length === 0 ? [] : [await this.recordDeadLetters(connection, deadLetters)];
      const recorded = await this.recordEnds(connection, results, free);
      const over = deadLetters.flatMap(({ task }) => (task === null ? [] : [toTaskAttempt(task)]));
      return { ...mergeAdvances([...crashed, ...setAside, recorded], over), verdicts: recorded.verdicts };
    });
  }

  /** Dispatches waiting ready tasks into the free room: by priority, then longest remaining path, then age. */
  async fillWindows(free: FreeRoom): Promise<DispatchedTask[]> {
    const { rows } = await this.pool.query({ ...FILL_WINDOWS, values: roomColumns(free) });
    return toDispatchedTasks(rows[0].dispatched);
  }

  /** Makes delayed tasks ready whose time has come by PostgreSQL's clock. @returns how many; fill windows then. */
  async releaseDue(limit = 1000): Promise<number> {
    const { rows } = await this.pool.query({ ...RELEASE_DUE, values: [limit] });
    return rows[0].release_due;
  }

  /**
   * Dispatched tasks that have been so for longer than their timeout and `graceMs` (default 5000). Candidates only: a
   * task may have waited in its stream, or its result may wait to be recorded. Ask the holder before `timeOut`.
   */
  async overdue(limit: number, graceMs = 5000): Promise<OverdueTask[]> {
    const { rows } = await this.pool.query<OverdueTask>(OVERDUE_TASKS, [limit, graceMs]);
    return rows;
  }

  /** Ends the attempts, if they are still current, as timed out: tried again or failed by the task's policy. */
  async timeOut(tasks: TaskAttempt[], free: FreeRoom): Promise<RecordedBatch> {
    const error = { code: "timed_out", message: "No result came within the task's timeout." };
    const ends = tasks.map((task) => ({ ...toTaskAttempt(task), outcome: { status: "timed-out" as const, error } }));
    return this.recordEnds(this.pool, ends, free);
  }

  /** Cancels a workflow and all its live tasks. */
  async cancel(workflowId: string): Promise<Cancelled> {
    const { rows } = await this.pool.query({ ...CANCEL, values: [workflowId] });
    const { outcome, state, ended } = rows[0];
    const finished = outcome === "cancelled" ? [{ id: workflowId, state }] : [];
    return { status: outcome, state, ...toAdvance({ ended, finished }) };
  }

  /**
   * Grants tasks that were dispatched before the current epoch began a new attempt, not charged to them: their messages
   * are lost. Go on from `next` until it is null; starting over is harmless.
   */
  async redispatchLost(after: TaskKey | null, limit: number): Promise<Page<DispatchedTask>> {
    const { rows } = await this.pool.query({
      ...REDISPATCH_LOST,
      values: [after?.workflowId ?? null, after?.position ?? null, limit],
    });
    const { dispatched, last_workflow: workflowId, last_position: position } = rows[0];
    return { tasks: toDispatchedTasks(dispatched), next: workflowId === null ? null : { workflowId, position } };
  }

  /** Tasks that have been dispatched for longer than `olderThanMs`. */
  async dispatchedPage(after: TaskKey | null, limit: number, olderThanMs: number): Promise<Page<TaskAttempt>> {
    const { rows: tasks } = await this.pool.query<TaskAttempt>(DISPATCHED_PAGE, [
      after?.workflowId ?? null,
      after?.position ?? null,
      limit,
      olderThanMs,
    ]);
    const last = tasks.at(-1);
    const isFull = tasks.length === limit && last !== undefined;
    return { tasks, next: isFull ? { workflowId: last.workflowId, position: last.position } : null };
  }

  /**
   * Hands over all that publishing tasks again needs, of those that are still dispatched at this attempt, and keeps them so
   * until that is done: nothing of their workflows is recorded meanwhile. Without it a task that was over in between would
   * be published once more, since nothing in Redis remembers what is settled.
   *
   * @param publish waits for PostgreSQL's locks; if it takes longer than some seconds, they are given up.
   */
  async whileDispatched<T>(
    tasks: readonly TaskAttempt[],
    publish: (dispatched: DispatchedTask[]) => Promise<T>,
  ): Promise<T> {
    const ids = uuids(tasks, (task) => task.workflowId);
    return this.transaction(async (connection) => {
      await connection.query(`set local idle_in_transaction_session_timeout = ${PUBLISH_UNDER_LOCK_MS}`);
      await connection.query({ ...LOCK, values: [ids] });
      const { rows } = await connection.query<{ dispatched: DispatchedJson | null }>({
        ...DESCRIBE,
        values: [ids, integers(tasks, (task) => task.position)],
      });
      const meant = new Set(tasks.map(attemptKey));
      return publish(toDispatchedTasks(rows[0]!.dispatched).filter((task) => meant.has(attemptKey(task))));
    });
  }

  /** The standing of tasks by their key in Redis (`<workflowId>:<position>`); unknown ones are missing. */
  async statesOf(taskKeys: string[]): Promise<Map<string, TaskStanding>> {
    const keys = taskKeys.flatMap((key) => parseTaskKey(key) ?? []);
    const { rows } = await this.pool.query({
      name: "states_of",
      text: STATES_OF,
      values: [uuids(keys, (key) => key.workflowId), integers(keys, (key) => key.position)],
    });
    return new Map(
      rows.map((row) => [taskKeyOf(row.workflowId, row.position), { state: row.state, attempt: row.attempt }]),
    );
  }

  /** Ready tasks that wait in PostgreSQL, by agent type. */
  async readyBacklog(): Promise<Record<string, number>> {
    const { rows } = await this.pool.query<{ agent_type: string; waiting: number }>(
      "select agent_type, count(*)::integer as waiting from ready_queue group by agent_type",
    );
    return Object.fromEntries(rows.map(({ agent_type, waiting }) => [agent_type, waiting]));
  }

  /**
   * Keeps an artifact under the SHA-256 (lower-case hex) of its bytes.
   *
   * @throws ArtifactMismatchError if the bytes have another hash.
   */
  async putArtifact(sha256: string, content: Buffer): Promise<void> {
    const actual = createHash("sha256").update(content).digest("hex");
    if (actual !== sha256) throw new ArtifactMismatchError(sha256, actual);
    await this.pool.query("insert into artifact (sha256, content) values ($1, $2) on conflict do nothing", [
      sha256,
      content,
    ]);
  }

  /** @returns null if there is no such artifact. */
  async getArtifact(sha256: string): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ content: Buffer }>("select content from artifact where sha256 = $1", [
      sha256,
    ]);
    return rows[0]?.content ?? null;
  }

  /** The recorded output of a task; null if there is no such task. */
  async outputOf(workflowId: string, taskId: string): Promise<Output | null> {
    const { rows } = await this.pool.query({ name: "output_of", text: OUTPUT_OF, values: [workflowId, taskId] });
    const row = rows[0];
    if (row === undefined) return null;
    if (row.state !== "succeeded") return { kind: "none", state: row.state };
    if (row.artifact_sha256 === null) return { kind: "inline", output: row.output };
    const artifact = { sha256: row.artifact_sha256, bytes: Number(row.artifact_bytes) };
    return { kind: "artifact", artifact, content: row.content };
  }

  /** Counts over everything stored. Reads whole tables: for people and reports, not for every second. */
  async statistics(): Promise<Statistics> {
    const { rows } = await this.pool.query(STATISTICS);
    const { workflows, tasks, attempts, dead_letters: deadLetters, backlog } = rows[0];
    return {
      workflows: { running: 0, succeeded: 0, failed: 0, cancelled: 0, ...workflows },
      tasks,
      attempts,
      deadLetters,
      backlog,
    };
  }

  /** Two ends of one attempt in one batch: the first counts, as it would if they came apart. */
  private async recordEnds(on: Queryable, ends: readonly RecordedEnd[], free: FreeRoom): Promise<RecordedBatch> {
    const places = new Map<string, number>();
    const first = ends.filter((end) => {
      const key = attemptKey(end);
      if (places.has(key)) return false;
      places.set(key, places.size);
      return true;
    });
    const { rows } = await on.query({ ...RECORD_RESULTS, values: resultColumns(first, free, this.streamOf) });
    const json = rows[0] as AdvanceJson;
    const verdictOf = (end: RecordedEnd): RecordVerdict => json.verdicts?.[places.get(attemptKey(end))!] ?? "applied";
    const seen = new Set<string>();
    const verdicts = ends.map((end) => {
      const key = attemptKey(end);
      const verdict = verdictOf(end);
      if (seen.has(key) && verdict === "applied") return "duplicate";
      seen.add(key);
      return verdict;
    });
    return { ...mergeAdvances([toAdvance(json)], ends.map(toTaskAttempt)), verdicts };
  }

  private async recordCrashes(on: Queryable, crashes: NonNullable<Batch["crashes"]>): Promise<Advance> {
    const { rows } = await on.query({ ...RECORD_CRASHES, values: crashColumns(crashes, this.streamOf) });
    return toAdvance(rows[0]);
  }

  private async recordDeadLetters(on: Queryable, deadLetters: NonNullable<Batch["deadLetters"]>): Promise<Advance> {
    const { rows } = await on.query({ ...RECORD_DEAD_LETTERS, values: deadLetterColumns(deadLetters) });
    return toAdvance(rows[0]);
  }

  /** A hundred thousand tasks take seconds, and more on a busy server, where the usual limit is for what takes milliseconds. */
  private async storePlans(values: (string | null)[]): Promise<pg.QueryResult> {
    const length = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (length < LARGE_PLANS_LENGTH) return this.askOnce({ ...SUBMIT, values });
    return this.transaction(async (connection) => {
      await connection.query(`set local statement_timeout = ${LARGE_PLANS_TIMEOUT_MS}`);
      const patient = { ...SUBMIT, values, query_timeout: LARGE_PLANS_TIMEOUT_MS + 2_000 };
      return connection.query(patient);
    });
  }

  private async summaries(ids: string[]): Promise<Submitted["workflows"]> {
    const { rows } = await this.pool.query<Submitted["workflows"][number]>(
      "select id, name, state from workflow where id = any ($1) order by array_position($1, id)",
      [ids],
    );
    return rows;
  }

  /** Tells the lack of a connection, by which nothing was asked, from the loss of one, by which only the answer is missing. */
  private async askOnce(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const connection = await this.pool.connect().catch((error: unknown) => {
      throw new DatabaseAwayError("away", error);
    });
    try {
      const result = await connection.query(query);
      connection.release();
      return result;
    } catch (error) {
      connection.release(true);
      throw error;
    }
  }

  private async transaction<T>(work: (connection: pg.PoolClient) => Promise<T>): Promise<T> {
    const connection = await this.pool.connect();
    try {
      await connection.query("begin");
      const result = await work(connection);
      await connection.query("commit");
      connection.release();
      return result;
    } catch (error) {
      // The connection goes with its transaction: a rollback could fail too, and would leave it unusable.
      connection.release(true);
      throw error;
    }
  }
}
