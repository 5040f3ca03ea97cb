/**
 * Finds the cycles of a graph: its strongly connected components (Kosaraju, iterative, since chains may be 100,000
 * long), and a short cycle through each, which is what a person needs to see to mend it.
 */
import type { Edges } from "./levels.js";

/**
 * The strongly connected components of more than one task, each in ascending positions, ordered by their first. Only
 * `suspects` are looked at: what Kahn's algorithm left over, in a cycle or behind one.
 */
export function cyclicComponents(predecessors: Edges, successors: Edges, suspects: readonly number[]): number[][] {
  const finished = finishOrder(successors, suspects);
  const isOpen = new Uint8Array(predecessors.length);
  for (const position of suspects) isOpen[position] = 1;
  const components: number[][] = [];
  for (const root of finished.toReversed()) {
    if (!isOpen[root]) continue;
    isOpen[root] = 0;
    // Grows while it is walked: everything that leads to the root and was not taken by an earlier component.
    const component = [root];
    for (const position of component) {
      for (const predecessor of predecessors[position]!) {
        if (!isOpen[predecessor]) continue;
        isOpen[predecessor] = 0;
        component.push(predecessor);
      }
    }
    if (component.length > 1) components.push(component.toSorted((a, b) => a - b));
  }
  return components.toSorted((a, b) => a[0]! - b[0]!);
}

/** Suspects in the order in which a depth-first search is done with them. What they lead to are suspects too. */
function finishOrder(successors: Edges, suspects: readonly number[]): number[] {
  const nextEdge = new Int32Array(successors.length).fill(-1);
  const finished: number[] = [];
  for (const root of suspects) {
    if (nextEdge[root] !== -1) continue;
    nextEdge[root] = 0;
    const stack = [root];
    while (stack.length > 0) {
      const position = stack[stack.length - 1]!;
      const successor = successors[position]![nextEdge[position]!++];
      if (successor === undefined) {
        finished.push(position);
        stack.pop();
      } else if (nextEdge[successor] === -1) {
        nextEdge[successor] = 0;
        stack.push(successor);
      }
    }
  }
  return finished;
}

/** Edges a search for the shortest cycle may look at before a short one has to do; a report makes 100 searches. */
const EDGE_BUDGET = 100_000;

/**
 * A shortest cycle of a component, along `edges`, from its first task and without repeating it at the end. Exact as
 * long as (tasks × edges) of the component stay within 100,000; in larger ones the shortest through its first tasks, as
 * many as that allows.
 */
export function shortestCycle(component: readonly number[], edges: Edges): number[] {
  const members = new Set(component);
  let shortest: number[] | undefined;
  let budget = EDGE_BUDGET;
  for (const start of component) {
    const search = shortestCycleThrough(start, members, edges, shortest?.length ?? Infinity);
    budget -= search.edgesSeen;
    shortest = search.cycle ?? shortest;
    if (shortest !== undefined && (shortest.length === 2 || budget <= 0)) break;
  }
  return shortest ?? [];
}

/** Breadth first from `start` back to it; finds nothing unless it is shorter than `bound`. */
function shortestCycleThrough(
  start: number,
  members: ReadonlySet<number>,
  edges: Edges,
  bound: number,
): { cycle?: number[]; edgesSeen: number } {
  const cameFrom = new Map<number, number>();
  let edgesSeen = 0;
  let frontier = [start];
  for (let length = 1; length < bound && frontier.length > 0; length++) {
    const next: number[] = [];
    for (const position of frontier) {
      for (const target of edges[position]!) {
        edgesSeen++;
        if (target === start) return { cycle: pathTo(position, start, cameFrom), edgesSeen };
        if (!members.has(target) || cameFrom.has(target)) continue;
        cameFrom.set(target, position);
        next.push(target);
      }
    }
    frontier = next;
  }
  return { edgesSeen };
}

function pathTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [end];
  for (let position = end; position !== start;) {
    position = cameFrom.get(position)!;
    path.push(position);
  }
  return path.toReversed();
}
