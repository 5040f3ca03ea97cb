import { agentOf, anchorOfTask, colourOf, type Facts } from "../facts/facts.js";
import { boxOf, layOut, type Direction, type PlacedEdge, type PlacedTask, type Point } from "../facts/graph-layout.js";
import { runMs, type RunTask } from "../facts/run-tasks.js";
import { duration, shortened } from "../html/format.js";
import { html, type Markup } from "../html/html.js";

/** Longest name in a box, in characters, and where its lines begin, in CSS pixels. */
const NAME_CHARACTERS = { along: 18, down: 17 } as const;
const TEXT_LEFT = { along: 14, down: 9 } as const;

/** The graph as a drawing whose boxes lead to the rows of their tasks: along wide screens, down narrow ones. */
export function drawGraph(facts: Facts, runs: readonly RunTask[], direction: Direction): Markup {
  const { width, height, tasks, edges } = layOut(
    runs.map(({ task }) => task),
    direction,
  );
  const runOf = new Map(runs.map((run) => [run.task, run]));
  const placeOf = new Map(tasks.map((placed) => [placed.task, placed]));
  return html`<div class="scroll graph ${direction}" role="region" tabindex="0" aria-label="Graph of the tasks">
    <svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
      ${edges.map((edge) => drawEdge(edge, placeOf.get(edge.from)!, placeOf.get(edge.to)!, direction))}
      ${tasks.map((placed) => drawTask(facts, placed, runOf.get(placed.task)!, direction))}
    </svg>
  </div>`;
}

function drawEdge({ passes, isCritical }: PlacedEdge, from: Point, to: Point, direction: Direction): Markup {
  return html`<path class="edge${isCritical && " critical"}" d="${edgePath(from, passes, to, direction)}" />`;
}

/**
 * From the side of one box to that of another, bending only between layers: through a layer it goes straight, where its
 * pass is, so that it touches no box there.
 */
export function edgePath(from: Point, passes: readonly Point[], to: Point, direction: Direction): string {
  const { width, height } = boxOf(direction);
  const [dx, dy] = direction === "along" ? [width / 2, 0] : [0, height / 2];
  const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const bend = (begin: Point, end: Point): string =>
    direction === "along"
      ? `C${at({ x: (begin.x + end.x) / 2, y: begin.y })} ${at({ x: (begin.x + end.x) / 2, y: end.y })} ${at(end)}`
      : `C${at({ x: begin.x, y: (begin.y + end.y) / 2 })} ${at({ x: end.x, y: (begin.y + end.y) / 2 })} ${at(end)}`;
  let reached = { x: from.x + dx, y: from.y + dy };
  let path = `M${at(reached)}`;
  for (const { x, y } of passes) {
    const out = { x: x + dx, y: y + dy };
    path += `${bend(reached, { x: x - dx, y: y - dy })}L${at(out)}`;
    reached = out;
  }
  return path + bend(reached, { x: to.x - dx, y: to.y - dy });
}

function drawTask(facts: Facts, { task, x, y }: PlacedTask, run: RunTask, direction: Direction): Markup {
  const { width, height } = boxOf(direction);
  const anchor = anchorOfTask(facts, task);
  const lines = linesOf(facts, run, direction);
  const lost = run.lost > 0;
  return html`<a
    href="#${anchor}"
    data-related="${anchor}"
    class="task agent-${colourOf(facts, task.agentType)}${task.isCritical && " critical"}"
    transform="translate(${(x - width / 2).toFixed(1)} ${(y - height / 2).toFixed(1)})"
  >
    <rect class="box" width="${width}" height="${height}" rx="2" />
    <rect class="stripe" width="5" height="${height}" />
    <text class="name" x="${TEXT_LEFT[direction]}" y="21">${shortened(task.taskId, NAME_CHARACTERS[direction])}</text>
    ${lines.map((line, index) => html`<text class="who" x="${TEXT_LEFT[direction]}" y="${39 + 13 * index}">${line}</text>`)}
    ${lost && html`<text class="loss" x="${width - 8}" y="${height - 9}">✗</text>`}
  </a>`;
}

/** Who finished a task and how long that took: in one line if there is room. */
function linesOf(facts: Facts, { task, success }: RunTask, direction: Direction): string[] {
  const who = success === undefined ? task.state : (agentOf(facts, success) ?? "unknown agent");
  const took = success === undefined ? null : runMs(success);
  const parts = [shortened(who, NAME_CHARACTERS.down), ...(took === null ? [] : [duration(took)])];
  return direction === "along" ? [parts.join(" · ")] : parts;
}
