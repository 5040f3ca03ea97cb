import type { MeasuredAttempt } from "@agent-hive/measurement";
import type { MarkKind, TimelineMark } from "../charts/chart-data.js";
import { SIGN_SIZE, SIGNS } from "../charts/signs.js";
import { agentOf, anchorOfTask, type Facts, type ListedAttempt } from "../facts/facts.js";
import { runMs } from "../facts/run-tasks.js";
import type { Timeline } from "../facts/timeline.js";
import { duration, number, offset } from "../html/format.js";
import { html, name, type Markup } from "../html/html.js";
import { fold, table, type Column } from "../html/table.js";
import { agentType, anchored, chart, excerpt, legend, link, type Section } from "./parts.js";

/** Outcomes as one would say them. */
const OUTCOMES: Record<MeasuredAttempt["outcome"], string> = {
  succeeded: "recorded",
  failed: "failed",
  "timed-out": "timed out",
  "dead-letter": "dead letter",
  cancelled: "cancelled",
  crashed: "lost: its process was killed",
  frozen: "lost: its process was frozen",
  lost: "lost with the messages",
  fenced: "late result, refused",
};

/** Which process ran what and when, with what befell it. */
export function timelineSection(facts: Facts, { attempts, agents, data: { marks, view } }: Timeline): Section {
  return {
    id: "timeline",
    title: "Who was at work when",
    content: html`${legend(facts)} ${signs(marks)}
    ${chart(
      "timeline",
      "Attempts by agent over time. The table below has the same.",
      html`Each line is an agent and each bar an attempt at a task, in the colour of its type, in time since the
      workflow was submitted. Where a process was struck its bar breaks off, and the same task begins again on another
      line.
      ${
        view === null
          ? "The handles below narrow the time."
          : "At first only the time of the demonstrated workflow is in view; the handles below widen it."
      }`,
    )}
    ${excerpt(attempts.drawn, attempts.of, "attempts", "whoever was struck, the demonstrated workflow, and an even sample of the rest")}
    ${excerpt(agents.drawn, agents.of, "agents", "those involved in a crash, and those that did most for the demonstrated workflow")}
    ${fold(`Attempts (${number(facts.listedAttempts.length)})`, attemptsTable(facts))}
    ${excerpt(facts.listedAttempts.length, facts.measurement.attempts.length, "attempts in the table", "the demonstrated workflow, and tasks that were struck")}`,
  };
}

/** What the signs of the chart mean. */
const MEANINGS: Record<MarkKind, string> = {
  crash: "killed",
  freeze: "frozen",
  isolate: "cut off",
  claim: "work claimed by another",
  fenced: "late result refused",
};

/** The signs that the chart has, drawn as it draws them, with what they mean. */
function signs(marks: readonly TimelineMark[]): Markup | false {
  const drawn = Object.entries(MEANINGS).filter(([kind]) => marks.some((mark) => mark.kind === kind)) as [
    MarkKind,
    string,
  ][];
  return (
    drawn.length > 0 &&
    html`<ul class="legend signs" aria-label="Signs">
      ${drawn.map(([kind, meaning]) => html`<li>${sign(kind)}${meaning}</li>`)}
    </ul>`
  );
}

function sign(kind: MarkKind): Markup {
  return html`<svg class="sign ${kind}" viewBox="0 0 ${SIGN_SIZE} ${SIGN_SIZE}" aria-hidden="true">
    <path d="${SIGNS[kind]}" />
  </svg>`;
}

function attemptsTable(facts: Facts): Markup {
  return table(facts.listedAttempts, attemptColumns(facts), {
    caption: "Attempts, in order of their start",
    row: ({ anchor, attempt }) => anchored(anchor, anchorOfTask(facts, attempt) ?? anchor)!,
  });
}

function attemptColumns(facts: Facts): Column<ListedAttempt>[] {
  const { originMs } = facts;
  return [
    { title: "Task", cell: ({ attempt }) => link(anchorOfTask(facts, attempt), attempt.taskId), isHeading: true },
    { title: "Attempt", cell: ({ attempt }) => attempt.attempt, numeric: true },
    { title: "Outcome", cell: ({ attempt }) => OUTCOMES[attempt.outcome] },
    { title: "Agent type", cell: ({ attempt }) => agentType(facts, attempt.agentType) },
    { title: "Agent", cell: ({ attempt }) => name(agentOf(facts, attempt) ?? "–") },
    { title: "Dispatched", cell: ({ attempt }) => offset(attempt.dispatchedAtMs, originMs), numeric: true },
    { title: "Started", cell: ({ attempt }) => offset(attempt.startedAtMs, originMs), numeric: true },
    { title: "Ran", cell: ({ attempt }) => ranFor(attempt), numeric: true },
    { title: "Recorded", cell: ({ attempt }) => offset(attempt.recordedAtMs, originMs), numeric: true },
  ];
}

function ranFor(attempt: MeasuredAttempt): string {
  const ms = runMs(attempt);
  return ms === null ? "–" : duration(ms);
}
