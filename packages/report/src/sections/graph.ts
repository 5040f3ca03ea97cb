import type { MeasuredTask } from "@agent-hive/measurement";
import { agentOf, anchorOfTask, type Facts } from "../facts/facts.js";
import { DRAWN_TASKS } from "../facts/graph-layout.js";
import { runMs, runTasks, type RunTask } from "../facts/run-tasks.js";
import { count, duration, offset } from "../html/format.js";
import { html, name, type Content, type Markup } from "../html/html.js";
import { table, fold, type Column } from "../html/table.js";
import { drawGraph } from "./graph-drawing.js";
import { agentType, anchored, excerpt, legend, link, type Section } from "./parts.js";

/** Most tasks whose table stands open. */
const OPEN_TASKS = 40;

/** The graph of the demonstrated workflow, its critical path, and who ran what. */
export function graphSection(facts: Facts): Section {
  const runs = runTasks(facts);
  const tasksTable = table(
    runs.filter(({ task }) => facts.taskAnchors.has(task.taskId)),
    taskColumns(facts),
    {
      caption: "Tasks of the demonstrated workflow",
      row: ({ task }) => anchored(anchorOfTask(facts, task))!,
    },
  );
  return {
    id: "graph",
    title: "The tasks, and who ran them",
    content: html`${graphFigure(facts, runs)} ${criticalPathLine(facts)} ${traceLine(facts)}
    ${facts.tasks.length <= OPEN_TASKS ? tasksTable : fold(`Tasks (${facts.listedTasks.length})`, tasksTable)}
    ${excerpt(facts.listedTasks.length, facts.tasks.length, "tasks", "the critical path, and an even sample of the others")}`,
  };
}

function graphFigure(facts: Facts, runs: readonly RunTask[]): Content {
  if (runs.length === 0) return html`<p class="note">The measurement holds no task of this workflow.</p>`;
  if (runs.length > DRAWN_TASKS)
    return html`<p class="note">
      A graph of ${count(runs.length, "task")} could not be read; the table has the critical path.
    </p>`;
  return html`<figure>
    ${legend(facts)} ${drawGraph(facts, runs, "along")} ${drawGraph(facts, runs, "down")}
    <figcaption>
      Each box is a task with the agent that finished it and how long that took; it could start when all tasks that a
      line comes from were recorded. The thick line is the critical path: the chain that decided when the workflow
      ended. A cross marks a task whose process was struck while it held it, so that another had to take over.
    </figcaption>
  </figure>`;
}

function criticalPathLine(facts: Facts): Content {
  const path = facts.tasks
    .filter(({ isCritical }) => isCritical)
    .sort((one, other) => (one.finishedAtMs ?? Infinity) - (other.finishedAtMs ?? Infinity));
  if (path.length === 0 || path.length > OPEN_TASKS) return undefined;
  const steps = path.map((task, index) => html`${index > 0 && " → "}${link(anchorOfTask(facts, task), task.taskId)}`);
  return html`<p><strong>Critical path:</strong> ${steps}.</p>`;
}

function traceLine({ input: { traceUrl } }: Facts): Content {
  if (traceUrl === null) return undefined;
  return html`<p>
    Every message of it, and what the handlers called, is in
    <a href="${traceUrl}" rel="noreferrer">its trace</a>, as long as that is kept.
  </p>`;
}

function taskColumns(facts: Facts): Column<RunTask>[] {
  return [
    { title: "Task", cell: ({ task }) => taskName(task), isHeading: true },
    { title: "Agent type", cell: ({ task }) => agentType(facts, task.agentType) },
    { title: "Finished by", cell: ({ success }) => name((success && agentOf(facts, success)) ?? "–") },
    { title: "State", cell: ({ task }) => task.state },
    { title: "Ready at", cell: ({ task }) => offset(task.readyAtMs, facts.originMs), numeric: true },
    { title: "Waited", cell: waitOf, numeric: true },
    { title: "Ran", cell: ({ success }) => (success ? duration(runMs(success)) : "–"), numeric: true },
    { title: "Attempts", cell: ({ task }) => task.attempts, numeric: true },
    { title: "Deliveries lost", cell: ({ lost }) => lost, numeric: true },
  ];
}

function taskName({ taskId, isCritical }: MeasuredTask): Markup {
  return html`${name(taskId)}${isCritical && html` <span class="tag">critical path</span>`}`;
}

/** From ready to the start of the attempt that succeeded: a lost delivery is part of the wait. */
function waitOf({ task: { readyAtMs }, success }: RunTask): string {
  const startedAtMs = success?.startedAtMs ?? null;
  return readyAtMs === null || startedAtMs === null ? "–" : duration(Math.max(0, startedAtMs - readyAtMs));
}
