import type { TaskState, WorkflowState } from "@agent-hive/contracts";
import type pg from "pg";
import { readStatement } from "./sql.js";

/** A workflow that ended. Times are milliseconds since 1970. */
export interface WorkflowRecord {
  id: string;
  name: string;
  state: WorkflowState;
  traceparent: string;
  /** Number of its tasks. */
  total: number;
  startedMs: number;
  endedMs: number;
  /** JSON, of the task that made it fail. */
  error: string | null;
}

/** A task of it that was dispatched. */
export interface TaskRecord {
  workflowId: string;
  position: number;
  taskId: string;
  agentType: string;
  handler: string;
  state: TaskState;
  /** The last one. */
  attempt: number;
  /** JSON. */
  error: string | null;
  /** Its first dispatch. */
  startedMs: number;
  /** Null if it ended with its workflow. */
  endedMs: number | null;
  /** Positions. */
  dependsOn: number[];
}

/** The end of an attempt at it, or of one delivery of it that was lost. Times are null if they are not known. */
export interface AttemptRecord {
  workflowId: string;
  position: number;
  attempt: number;
  outcome: string;
  dispatchedMs: number | null;
  startedMs: number | null;
  finishedMs: number | null;
  recordedMs: number;
  agentId: string | null;
  incarnation: string | null;
  entryId: string | null;
  /** JSON. */
  error: string | null;
}

const ENDED = { name: "ended_workflows", text: readStatement("ended-workflows") };
const TASKS = { name: "task_records", text: readStatement("task-records") };
const ATTEMPTS = { name: "attempt_records", text: readStatement("attempt-records") };

/** Reads what traces of workflows that ended are made of. */
export class WorkflowRecords {
  constructor(private readonly pool: pg.Pool) {}

  /** @returns of these workflows those whose trace is sampled, and those that something happened to. */
  async ended(ids: readonly string[]): Promise<WorkflowRecord[]> {
    return (await this.pool.query<WorkflowRecord>({ ...ENDED, values: [ids] })).rows;
  }

  /** Tasks at the positions `from` up to `to`, without it, of each of these workflows, as far as they were dispatched. */
  async tasks(workflowIds: readonly string[], from: number, to: number): Promise<TaskRecord[]> {
    return (await this.pool.query<TaskRecord>({ ...TASKS, values: [workflowIds, from, to] })).rows;
  }

  /** What befell those tasks. */
  async attempts(workflowIds: readonly string[], from: number, to: number): Promise<AttemptRecord[]> {
    return (await this.pool.query<AttemptRecord>({ ...ATTEMPTS, values: [workflowIds, from, to] })).rows;
  }
}
