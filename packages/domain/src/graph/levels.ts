/** Levels and topological order (Kahn): linear, without recursion, so chains of any length are fine. */

/** Edges by position: `edges[task]` lists positions of other tasks. */
export type Edges = readonly (readonly number[])[];

/** The same edges turned round. */
export function reversed(edges: Edges): number[][] {
  const turned: number[][] = edges.map(() => []);
  edges.forEach((targets, source) => targets.forEach((target) => turned[target]!.push(source)));
  return turned;
}

/**
 * The level of every task: 0 without predecessors, else one more than the highest of them. Tasks in a cycle or behind
 * one have none and get -1.
 */
export function levelsOf(predecessors: Edges, successors: Edges): number[] {
  const level = new Array<number>(predecessors.length).fill(-1);
  const open = predecessors.map((each) => each.length);
  const queue = [...open.keys()].filter((position) => open[position] === 0);
  for (const root of queue) level[root] = 0;
  // Iterating an array visits what is appended meanwhile. First in, first out: the last predecessor to be visited is
  // one of the highest.
  for (const position of queue) {
    for (const successor of successors[position]!) {
      open[successor]!--;
      if (open[successor] !== 0) continue;
      level[successor] = level[position]! + 1;
      queue.push(successor);
    }
  }
  return level;
}

/** Positions by level, within a level as submitted: the same definition always gives the same order. */
export function topologicalOrder(levels: readonly number[]): number[] {
  const byLevel: number[][] = [];
  levels.forEach((level, position) => (byLevel[level] ??= []).push(position));
  return byLevel.flat();
}
