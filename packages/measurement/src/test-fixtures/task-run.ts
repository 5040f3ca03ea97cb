import type { AttemptRecord, TaskRecord } from "../records.js";
import { START_MS } from "./sound-run.js";

/** What a case says of a task that succeeded with its first attempt; times from the start of the run. */
export interface TaskRun {
  /** Default "backend". */
  agentType?: string;
  /** Default "healthy". */
  incarnation?: string;
  dispatchedMs?: number;
  startedMs?: number;
  runMs?: number;
  /** A process in which it started before, and with which that delivery was lost. */
  crashedIn?: { incarnation: string; startedMs: number };
}

/** The rows of such a task, without dependencies. */
export function taskRun(
  workflowId: string,
  position: number,
  run: TaskRun,
): { task: TaskRecord; attempts: AttemptRecord[] } {
  const { agentType = "backend", incarnation = "healthy", dispatchedMs = 1, startedMs = 10, runMs = 20 } = run;
  const dispatchedAtMs = START_MS + dispatchedMs;
  const finishedAtMs = START_MS + startedMs + runMs;
  const recordedAtMs = finishedAtMs + 5;
  const task: TaskRecord = {
    workflowId,
    position,
    taskId: `t${position}`,
    agentType,
    state: "succeeded",
    successors: [],
    openDependencies: 0,
    attempt: 1,
    crashes: run.crashedIn ? 1 : 0,
    dispatchedAtMs,
    finishedAtMs: recordedAtMs,
  };
  const end: AttemptRecord = {
    workflowId,
    position,
    attempt: 1,
    delivery: "",
    outcome: "succeeded",
    agentId: incarnation,
    incarnation,
    entryId: `${dispatchedAtMs + 1}-${position}`,
    dispatchedAtMs,
    startedAtMs: START_MS + startedMs,
    finishedAtMs,
    runMs,
    recordedAtMs,
  };
  return { task, attempts: run.crashedIn ? [lost(end, run.crashedIn), end] : [end] };
}

const lost = (end: AttemptRecord, { incarnation, startedMs }: NonNullable<TaskRun["crashedIn"]>): AttemptRecord => ({
  ...end,
  delivery: `crashed ${end.entryId} ${incarnation}`,
  outcome: "crashed",
  agentId: null,
  incarnation,
  startedAtMs: START_MS + startedMs,
  finishedAtMs: null,
  runMs: null,
});
