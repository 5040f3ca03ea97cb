/** A workflow as the model sees it: a plan that never changes, the state of every task, and counters kept along. */
import type { DependencyGraph } from "../graph/dependency-graph.js";
import type { GraphTask } from "../graph/graph-task.js";
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from "../retry/retry-policy.js";
import type { AttemptRecord } from "./attempt-record.js";
import type { Task } from "./task.js";

/** Without anything said: the middle of 0 to 9. */
export const DEFAULT_PRIORITY = 5;

export type WorkflowStatus = "running" | "succeeded" | "failed" | "cancelled";

/** What is fixed about a task from submission on. */
export interface TaskPlan {
  readonly agentType: string;
  /** Positions of the tasks that wait for it. */
  readonly successors: readonly number[];
  /** Weight of the longest chain from it to an end: among tasks of one priority, the longest goes first. */
  readonly remainingPath: number;
  readonly retry: RetryPolicy;
}

/** Tasks by fate; `total` is always the sum of the others (I8). */
export interface TaskCounters {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly dead: number;
  /** Not terminal yet. */
  readonly live: number;
}

export interface Workflow {
  readonly id: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly status: WorkflowStatus;
  /** By position. */
  readonly plan: readonly TaskPlan[];
  /** By position. */
  readonly tasks: readonly Task[];
  readonly counters: TaskCounters;
  /** How attempts ended and what befell their deliveries, in the order of recording. */
  readonly history: readonly AttemptRecord[];
  readonly createdAt: number;
  /** Null while it runs. */
  readonly finishedAt: number | null;
  /** The task that failed it: of those that failed for good in one batch, the one submitted first. Null without. */
  readonly failedPosition: number | null;
}

/** Workflows by id: what one database holds. */
export type Workflows = ReadonlyMap<string, Workflow>;

/** A new workflow: tasks without dependencies are ready, all others wait. */
export function startWorkflow<T extends GraphTask>(start: {
  id: string;
  graph: DependencyGraph<T>;
  /** Default 5. */
  priority?: number;
  /** Default `DEFAULT_RETRY_POLICY` for all. */
  retryOf?: (task: T) => RetryPolicy;
  /** Default 0. */
  now?: number;
}): Workflow {
  const { id, graph, priority = DEFAULT_PRIORITY, retryOf = () => DEFAULT_RETRY_POLICY, now = 0 } = start;
  return {
    id,
    priority,
    status: "running",
    plan: graph.tasks.map((task, position) => ({
      agentType: task.agentType,
      successors: graph.successors[position]!,
      remainingPath: graph.remainingPath[position]!,
      retry: retryOf(task),
    })),
    tasks: graph.tasks.map((task, position) => firstState(task.id, graph.predecessors[position]!.length)),
    counters: { total: graph.size, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: graph.size },
    history: [],
    createdAt: now,
    finishedAt: null,
    failedPosition: null,
  };
}

function firstState(id: string, openDependencies: number): Task {
  const none = {
    attempt: 0,
    charged: 0,
    crashes: 0,
    crashesAlone: 0,
    dispatchedAt: null,
    checkpoint: null,
    failure: null,
  };
  if (openDependencies === 0) return { id, ...none, status: "ready" };
  return { id, ...none, status: "waiting", openDependencies };
}
