/**
 * Critical path analysis: which chain decides how long the workflow takes, and how much every other task may slip.
 * Separate from the graph, so that it can be repeated with durations learned later.
 */
import type { Edges } from "./levels.js";

/** Results per task are indexed by position and in the unit of the weights. */
export interface CriticalPathAnalysis {
  /** The heaviest chain from the task to an end, the task included: what is scheduled first. */
  readonly remainingPath: readonly number[];
  /** The heaviest chain of predecessors: when the task can start at the earliest. */
  readonly earliestStart: readonly number[];
  /** How much later a task may start without delaying the end; 0 on the critical path. */
  readonly slack: readonly number[];
  /** Positions along the critical path, from start to end; of several, the one submitted first. */
  readonly criticalPath: readonly number[];
  /** Weight of the critical path: the shortest possible duration of the workflow. */
  readonly length: number;
}

/** What the analysis needs to know of a graph; `DependencyGraph` is one. */
export interface OrderedEdges {
  readonly predecessors: Edges;
  readonly successors: Edges;
  readonly topologicalOrder: readonly number[];
}

/** Analyses a graph with one weight per task (not negative, e.g. expected milliseconds). Linear. */
export function analyzeCriticalPath(graph: OrderedEdges, weights: readonly number[]): CriticalPathAnalysis {
  const { predecessors, successors, topologicalOrder } = graph;
  const remainingPath = new Array<number>(weights.length).fill(0);
  for (const position of topologicalOrder.toReversed()) {
    remainingPath[position] = weights[position]! + highest(successors[position]!, (next) => remainingPath[next]!);
  }
  const earliestStart = new Array<number>(weights.length).fill(0);
  for (const position of topologicalOrder) {
    earliestStart[position] = highest(predecessors[position]!, (before) => earliestStart[before]! + weights[before]!);
  }
  const criticalPath = followHeaviest(graph, remainingPath);
  const length = criticalPath.length > 0 ? remainingPath[criticalPath[0]!]! : 0;
  // Never below zero: sums of fractions, taken from both ends, may differ in their last digit.
  const slack = remainingPath.map((rest, position) => Math.max(0, length - earliestStart[position]! - rest));
  return { remainingPath, earliestStart, slack, criticalPath, length };
}

function followHeaviest(graph: OrderedEdges, remainingPath: readonly number[]): number[] {
  const roots = graph.topologicalOrder.filter((position) => graph.predecessors[position]!.length === 0);
  const path: number[] = [];
  for (let next = heaviest(roots, remainingPath); next !== undefined;) {
    path.push(next);
    next = heaviest(graph.successors[next]!, remainingPath);
  }
  return path;
}

function heaviest(positions: readonly number[], weights: readonly number[]): number | undefined {
  let best: number | undefined;
  for (const position of positions) {
    if (best === undefined || weights[position]! > weights[best]!) best = position;
  }
  return best;
}

function highest(positions: readonly number[], valueOf: (position: number) => number): number {
  let result = 0;
  for (const position of positions) result = Math.max(result, valueOf(position));
  return result;
}
