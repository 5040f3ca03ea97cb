import type { TaskState, WorkflowState } from "@agent-hive/contracts";
import type pg from "pg";
import { readStatement } from "./sql.js";

/** A workflow that ended, with all that befell its tasks. Times are milliseconds since 1970, null if they are not known. */
export interface WorkflowRecord {
  id: string;
  name: string;
  state: WorkflowState;
  traceparent: string;
  startedMs: number;
  endedMs: number;
  tasks: TaskRecord[];
  attempts: AttemptRecord[];
}

export interface TaskRecord {
  position: number;
  taskId: string;
  agentType: string;
  handler: string;
  state: TaskState;
  /** Positions. */
  successors: number[];
  /** JSON. */
  error: string | null;
  endedMs: number | null;
}

/** The end of an attempt, or of one delivery of it that was lost. */
export interface AttemptRecord {
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

const STATEMENT = { name: "workflow_records", text: readStatement("workflow-records") };

/** Reads what traces of workflows are made of. @returns those that are sampled, and those that something happened to. */
export async function readWorkflowRecords(pool: pg.Pool, ids: readonly string[]): Promise<WorkflowRecord[]> {
  const { rows } = await pool.query<RecordRow>({ ...STATEMENT, values: [ids] });
  return rows.map(({ tasks, attempts, ...workflow }) => ({
    ...workflow,
    tasks: (tasks ?? []).map(toTask),
    attempts: (attempts ?? []).map(toAttempt),
  }));
}

type RecordRow = Omit<WorkflowRecord, "tasks" | "attempts"> & {
  tasks: TaskColumns[] | null;
  attempts: AttemptColumns[] | null;
};
type TaskColumns = [
  position: number,
  taskId: string,
  agentType: string,
  handler: string,
  state: TaskState,
  successors: number[],
  error: string | null,
  endedMs: number | null,
];
type Time = number | null;
type Text = string | null;
type AttemptColumns = [number, number, string, Time, Time, Time, number, Text, Text, Text, Text];

function toTask([position, taskId, agentType, handler, state, successors, error, endedMs]: TaskColumns): TaskRecord {
  return { position, taskId, agentType, handler, state, successors, error, endedMs };
}

function toAttempt(columns: AttemptColumns): AttemptRecord {
  const [position, attempt, outcome, dispatchedMs, startedMs, finishedMs, recordedMs, ...who] = columns;
  const [agentId, incarnation, entryId, error] = who;
  const times = { dispatchedMs, startedMs, finishedMs, recordedMs };
  return { position, attempt, outcome, ...times, agentId, incarnation, entryId, error };
}
