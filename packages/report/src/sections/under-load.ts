import { count, duration, number } from "../html/format.js";
import { html, type Content } from "../html/html.js";
import { table } from "../html/table.js";
import type { UnderLoad } from "../report-input.js";
import { chart, judgement, type Section } from "./parts.js";

/** What a hive did under load; of its own, beside the demonstrated one. */
export function underLoadSection(underLoad: UnderLoad): Section {
  const { criteria, problem } = underLoad;
  return {
    id: "under-load",
    title: "Under load",
    content: html`<p>
        After the demonstration another hive, on empty stores, was given workflows of eleven tasks that do nothing, so
        that what is left are the messages: a dispatch, a delivery and a result for each task.
      </p>
      ${problem !== null && html`<p class="note">Not everything was measured: ${problem}</p>`}
      ${table(
        criteria,
        [
          { title: "Demanded", cell: ({ name }) => name, isHeading: true },
          { title: "Verdict", cell: ({ met }) => judgement(met, met ? "met" : "not met") },
          { title: "Found", cell: ({ found }) => found },
        ],
        { caption: "What was demanded under load" },
      )}
      ${steps(underLoad)} ${sustained(underLoad)} ${atOnce(underLoad)}`,
  };
}

function steps({ steps: taken }: UnderLoad): Content {
  if (taken.length === 0) return false;
  return html`<h3>In steps, up to the limit</h3>
    ${chart(
      "steps",
      "Messages that went through each second, by step. The table below has the same.",
      html`Each bar is what went through each second, the stroke what was offered. A step is held while the two agree
      and no workflows pile up.`,
    )}
    ${table(
      taken,
      [
        {
          title: "Offered each second",
          cell: ({ offered }) => number(Math.round(offered)),
          isHeading: true,
        },
        { title: "Went through", cell: ({ measured }) => number(Math.round(measured)), numeric: true },
        { title: "Workflows open at the end", cell: ({ open }) => number(open), numeric: true },
        { title: "Kept up", cell: ({ held }) => judgement(held, held ? "yes" : "no") },
      ],
      { caption: "Load in steps" },
    )}`;
}

function sustained({ sustained: load }: UnderLoad): Content {
  if (load === null) return false;
  const { recoveryMs, kills, measured, seconds, workflows, succeeded, violations } = load;
  return html`<h3>For minutes, with agents killed</h3>
    <p>
      For ${duration(seconds * 1000)} ${number(Math.round(measured))} messages went through each second while
      ${count(kills, "agent")} were killed. ${number(succeeded)} of ${count(workflows, "workflow")} succeeded;
      ${violations === 0 ? "no task was lost, and none recorded twice" : count(violations, "violation")}.
      ${recovery(recoveryMs)}
    </p>
    ${chart(
      "sustained",
      "Tasks recorded each second, and tasks in flight, over time.",
      html`Above, how many tasks were recorded each second; below, how many were between dispatch and record. Vertical
      lines are moments at which an agent was killed.`,
    )}`;
}

function recovery(times: NonNullable<UnderLoad["sustained"]>["recoveryMs"]): Content {
  if (times === null || times.p50 === null) return false;
  return html`From a kill until the task ran elsewhere it took ${duration(times.p50)} (median), and
  ${duration(times.max)} at most.`;
}

function atOnce({ atOnce: crowds }: UnderLoad): Content {
  if (crowds.length === 0) return false;
  return html`<h3>Many at once</h3>
    ${table(
      crowds,
      [
        { title: "Workflows", cell: ({ workflows }) => number(workflows), isHeading: true },
        { title: "Succeeded", cell: ({ succeeded }) => number(succeeded), numeric: true },
        { title: "Agents killed", cell: ({ kills }) => number(kills), numeric: true },
        { title: "First begin to last end", cell: ({ seconds }) => duration(seconds * 1000), numeric: true },
        { title: "Median of each", cell: ({ p50Ms }) => duration(p50Ms), numeric: true },
        { title: "95th percentile", cell: ({ p95Ms }) => duration(p95Ms), numeric: true },
        { title: "99th percentile", cell: ({ p99Ms }) => duration(p99Ms), numeric: true },
      ],
      { caption: "Many workflows at once" },
    )}`;
}
