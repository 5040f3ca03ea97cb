import type { Recovery } from "@agent-hive/measurement";
import { RECOVERY_PARTS } from "../charts/chart-data.js";
import {
  agentOf,
  anchorOfTask,
  LISTED_RECOVERIES,
  ownFirst,
  taskKey,
  type Facts,
  type ListedAttempt,
  type NumberedAct,
} from "../facts/facts.js";
import { DRAWN_RECOVERIES } from "../facts/recovery-times.js";
import { duration, offset } from "../html/format.js";
import { html, name, type Content } from "../html/html.js";
import { table, type Column } from "../html/table.js";
import { anchored, chart, excerpt, link, type Section } from "./parts.js";

const DONE = { crash: "killed", freeze: "frozen", isolate: "cut off" } as const;

/** An act with one of the tasks that were held, if any. */
interface ActLine {
  numbered: NumberedAct;
  recovery: Recovery | undefined;
  /** The first line of an act bears its anchor. */
  isFirst: boolean;
}

/** How long each struck task was without a process, as a distribution, in its parts, and act by act. */
export function recoveriesSection(facts: Facts): Section {
  const { acts, recoveries } = facts.measurement;
  return {
    id: "recoveries",
    title: "How fast work went on elsewhere",
    content:
      acts.length === 0
        ? html`<p class="note">No process was struck on purpose, so there is nothing to recover from.</p>`
        : html`${recoveries.length > 0 && charts(recoveries.length)} ${actsTable(facts)}`,
  };
}

function charts(recoveries: number): Content {
  return html`${chart(
      "spread",
      "Times from an act until the task ran elsewhere. The table below has the same.",
      html`Each dot is a task whose process was struck, by the time until another process ran it; strokes are the median
      and the 99th percentile, dashed lines the targets. Each step of the scale is ten times the one before.`,
    )}
    <ul class="legend" aria-label="Parts of a recovery">
      ${RECOVERY_PARTS.map((part, index) => html`<li><span class="swatch part-${index}" aria-hidden="true"></span>until ${part}</li>`)}
    </ul>
    ${chart(
      "recoveries",
      "Parts of each recovery. The table below has the same.",
      html`Each bar is one of these tasks, from the moment its process was struck: until that was noticed, until another
      process claimed the task, until it ran there, and until its result was recorded.`,
    )}
    ${excerpt(Math.min(DRAWN_RECOVERIES, recoveries), recoveries, "recoveries in their parts", "the slowest")}`;
}

function actsTable(facts: Facts): Content {
  const lines = facts.acts.flatMap(linesOf);
  const listed = ownFirst(facts, lines, LISTED_RECOVERIES, ({ numbered }) => numbered.act.held).sort(
    (one, other) => one.numbered.number - other.numbered.number,
  );
  return html`${table(listed, actColumns(facts), {
    caption: "Acts, and what became of the tasks that were held",
    row: ({ numbered, isFirst, recovery }) =>
      anchored(isFirst ? numbered.anchor : undefined, (recovery && anchorOfTask(facts, recovery)) ?? numbered.anchor)!,
  })}
  ${excerpt(listed.length, lines.length, "recoveries in the table", "those of the demonstrated workflow, and an even sample of the others")}`;
}

function linesOf(numbered: NumberedAct): ActLine[] {
  const { recoveries } = numbered;
  if (recoveries.length === 0) return [{ numbered, recovery: undefined, isFirst: true }];
  return recoveries.map((recovery, index) => ({ numbered, recovery, isFirst: index === 0 }));
}

function actColumns(facts: Facts): Column<ActLine>[] {
  const part = (title: string, of: (recovery: Recovery) => number | null): Column<ActLine> => ({
    title,
    cell: ({ recovery }) => (recovery === undefined ? "–" : duration(of(recovery))),
    numeric: true,
  });
  return [
    {
      title: "Agent",
      cell: ({ numbered: { number, act } }) => html`<span class="whole">${number}. ${name(act.agentId)}</span>`,
      isHeading: true,
    },
    { title: "Was", cell: ({ numbered: { act } }) => name(DONE[act.kind]) },
    { title: "At", cell: ({ numbered: { act } }) => offset(act.atMs, facts.originMs), numeric: true },
    { title: "It held", cell: ({ recovery }) => heldBy(facts, recovery) },
    part("Noticed", ({ noticedMs }) => noticedMs),
    part("Claimed", ({ claimedMs }) => claimedMs),
    part("Running", ({ runningMs }) => runningMs),
    part("Recorded", ({ recordedMs }) => recordedMs),
    { title: "Taken over by", cell: ({ recovery }) => name(recovery?.recoveredBy ?? "–") },
    { title: "Late results refused", cell: ({ recovery }) => recovery?.fenced ?? "–", numeric: true },
    { title: "Attempts", cell: ({ recovery }) => recovery && attemptLinks(facts, recovery) },
  ];
}

function heldBy(facts: Facts, recovery: Recovery | undefined): Content {
  return recovery === undefined ? "nothing" : link(anchorOfTask(facts, recovery), recovery.taskId);
}

function attemptLinks(facts: Facts, recovery: Recovery): Content {
  const own = facts.listedAttempts.filter(({ attempt }) => taskKey(attempt) === taskKey(recovery));
  return own.map(
    (listed, index) => html`<span class="whole">${attemptLink(facts, listed)}${index < own.length - 1 && ","}</span> `,
  );
}

function attemptLink(facts: Facts, { anchor, attempt }: ListedAttempt): Content {
  return link(anchor, agentOf(facts, attempt) ?? `attempt ${attempt.attempt}`);
}
