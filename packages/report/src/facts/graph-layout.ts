import dagre from "@dagrejs/dagre";
import type { MeasuredTask } from "@agent-hive/measurement";

/** Whether a graph runs along the page or down. */
export type Direction = "along" | "down";

/** Size of a task's box, in CSS pixels. */
export function boxOf(direction: Direction): { width: number; height: number } {
  return direction === "along" ? { width: 160, height: 54 } : { width: 114, height: 56 };
}

/** Most tasks that a graph is drawn with. */
export const DRAWN_TASKS = 120;

export interface PlacedTask {
  task: MeasuredTask;
  /** Its middle. */
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface PlacedEdge {
  from: MeasuredTask;
  to: MeasuredTask;
  /** Where it passes between the boxes of the layers that it crosses. */
  passes: Point[];
  /** Between two tasks of the critical path. */
  isCritical: boolean;
}

interface GraphLayout {
  width: number;
  height: number;
  tasks: PlacedTask[];
  edges: PlacedEdge[];
}

/** Lays a workflow's tasks out in layers, along or down the page. Dependencies that are not among the tasks are left out. */
export function layOut(tasks: readonly MeasuredTask[], direction: Direction): GraphLayout {
  const dependencies = dependenciesOf(tasks);
  const graph = layered(tasks, dependencies, direction);
  const placed = tasks.map((task) => {
    const { x, y } = graph.node(nameOf(task));
    return { task, x, y };
  });
  const edges = dependencies.map(({ from, to }) => ({
    from,
    to,
    passes: passesOf(graph.edge(nameOf(from), nameOf(to)).points ?? []),
    isCritical: isOnPath(from, to, tasks),
  }));
  return framed(placed, edges, direction);
}

function dependenciesOf(tasks: readonly MeasuredTask[]): { from: MeasuredTask; to: MeasuredTask }[] {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  return tasks.flatMap((to) =>
    to.dependsOn.flatMap((id) => {
      const from = byId.get(id);
      return from ? [{ from, to }] : [];
    }),
  );
}

/** A task's name within the layout: its id may be any text, and dagre builds names of its own from it. */
const nameOf = ({ position }: MeasuredTask): string => String(position);

/** Before all tasks without dependencies, so that they share the first layer; never drawn. */
const ORIGIN = "origin";
const ORIGIN_WEIGHT = 20;

function layered(
  tasks: readonly MeasuredTask[],
  dependencies: ReturnType<typeof dependenciesOf>,
  direction: Direction,
) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph(
    direction === "along"
      ? { rankdir: "LR", nodesep: 20, ranksep: 38 }
      : { rankdir: "TB", nodesep: 8, edgesep: 6, ranksep: 36 },
  );
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(ORIGIN, { width: 0, height: 0 });
  for (const task of tasks) {
    graph.setNode(nameOf(task), boxOf(direction));
    if (task.dependsOn.length === 0) graph.setEdge(ORIGIN, nameOf(task), { weight: ORIGIN_WEIGHT });
  }
  for (const { from, to } of dependencies) graph.setEdge(nameOf(from), nameOf(to));
  dagre.layout(graph);
  return graph;
}

/** Of an edge's points every other one lies in a layer; the first and the last are at its boxes. */
function passesOf(points: readonly Point[]): Point[] {
  return points.slice(2, -2).filter((_, index) => index % 2 === 0);
}

/** Moves everything so that it begins at the margin, and measures it. */
function framed(tasks: PlacedTask[], edges: PlacedEdge[], direction: Direction): GraphLayout {
  const { width, height } = boxOf(direction);
  const passes = edges.flatMap((edge) => edge.passes);
  const [xs, ys] = [[...tasks, ...passes].map(({ x }) => x), [...tasks, ...passes].map(({ y }) => y)];
  if (tasks.length === 0) return { width: 0, height: 0, tasks, edges };
  const move = { x: MARGIN + width / 2 - Math.min(...xs), y: MARGIN + height / 2 - Math.min(...ys) };
  const moved = ({ x, y }: Point): Point => ({ x: x + move.x, y: y + move.y });
  return {
    width: Math.ceil(Math.max(...xs) - Math.min(...xs) + width + 2 * MARGIN),
    height: Math.ceil(Math.max(...ys) - Math.min(...ys) + height + 2 * MARGIN),
    tasks: tasks.map((placed) => ({ ...placed, ...moved(placed) })),
    edges: edges.map((edge) => ({ ...edge, passes: edge.passes.map(moved) })),
  };
}

const MARGIN = 3;

/** The path goes from a critical task to the critical one that is next in time, not to any critical one that depends on it. */
function isOnPath(from: MeasuredTask, to: MeasuredTask, tasks: readonly MeasuredTask[]): boolean {
  if (!from.isCritical || !to.isCritical) return false;
  const critical = tasks.filter(({ taskId, isCritical }) => isCritical && to.dependsOn.includes(taskId));
  const last = critical.reduce((latest, task) =>
    (task.finishedAtMs ?? 0) > (latest.finishedAtMs ?? 0) ? task : latest,
  );
  return last === from;
}
