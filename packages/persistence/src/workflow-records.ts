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

/** A task of it, with all that befell it. Times are null if they are not known. */
export interface TaskRecord {
  workflowId: string;
  position: number;
  taskId: string;
  agentType: string;
  handler: string;
  state: TaskState;
  /** JSON. */
  error: string | null;
  endedMs: number | null;
  /** Positions. */
  dependsOn: number[];
  attempts: AttemptRecord[];
}

/** The end of an attempt, or of one delivery of it that was lost. */
export interface AttemptRecord {
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

/** Reads what traces of workflows that ended are made of. */
export class WorkflowRecords {
  constructor(private readonly pool: pg.Pool) {}

  /** @returns of these workflows those whose trace is sampled, and those that something happened to. */
  async ended(ids: readonly string[]): Promise<WorkflowRecord[]> {
    return (await this.pool.query<WorkflowRecord>({ ...ENDED, values: [ids] })).rows;
  }

  /** Tasks at the positions `from` up to `to`, without it, of each of these workflows. */
  async tasks(workflowIds: readonly string[], from: number, to: number): Promise<TaskRecord[]> {
    return (await this.pool.query<TaskRecord>({ ...TASKS, values: [workflowIds, from, to] })).rows;
  }
}
