/**
 * A validated dependency graph. Tasks are known by position, 0 to n-1 in submitted order: the position is the task's
 * identity in the database, in entries and in every list here.
 */
import { analyzeCriticalPath } from "./critical-path.js";
import type { GraphTask } from "./graph-task.js";
import { type Edges, topologicalOrder } from "./levels.js";

/** Made by `DependencyGraphBuilder`, which has checked that it has no cycle. Not to be changed. */
export class DependencyGraph<T extends GraphTask = GraphTask> {
  /** The tasks as submitted. */
  readonly tasks: readonly T[];
  /** Per task, the tasks it waits for, as its `dependsOn` lists them. */
  readonly predecessors: Edges;
  /** Per task, the tasks waiting for it, in submitted order. */
  readonly successors: Edges;
  /** Per task, 0 if it waits for nothing, else one more than the highest level it waits for. */
  readonly levels: readonly number[];
  /** All positions, each after everything it waits for: by level, within a level as submitted. */
  readonly topologicalOrder: readonly number[];
  /** Per task, the weight of the longest chain from it to an end, itself included. */
  readonly remainingPath: readonly number[];
  /** Positions along the longest weighted chain, from start to end. */
  readonly criticalPath: readonly number[];

  constructor(parts: {
    tasks: readonly T[];
    predecessors: Edges;
    successors: Edges;
    levels: readonly number[];
    weights: readonly number[];
  }) {
    this.tasks = parts.tasks;
    this.predecessors = parts.predecessors;
    this.successors = parts.successors;
    this.levels = parts.levels;
    this.topologicalOrder = topologicalOrder(parts.levels);
    const analysis = analyzeCriticalPath(this, parts.weights);
    this.remainingPath = analysis.remainingPath;
    this.criticalPath = analysis.criticalPath;
  }

  /** Number of tasks. */
  get size(): number {
    return this.tasks.length;
  }

  /** Number of dependencies of all tasks together. */
  get edgeCount(): number {
    return this.predecessors.reduce((sum, each) => sum + each.length, 0);
  }

  /** Everything the task waits for, directly or through others, in ascending positions. */
  ancestors(position: number): number[] {
    const seen = new Set<number>();
    const stack = [position];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const predecessor of this.predecessors[next]!) {
        if (seen.has(predecessor)) continue;
        seen.add(predecessor);
        stack.push(predecessor);
      }
    }
    return [...seen].toSorted((a, b) => a - b);
  }
}
