import { LISTED_ATTEMPTS, type Facts } from "../facts/facts.js";
import { DRAWN_BARS, type AgentLoad } from "../facts/load.js";
import { evenly } from "../facts/sample.js";
import { megabytes, number, offset, percent } from "../html/format.js";
import { html, name, type Content } from "../html/html.js";
import { fold, table } from "../html/table.js";
import { agentType, chart, excerpt, legend, type Section } from "./parts.js";

/** Rows of the folded tables; the charts show more. */
const LISTED_ROWS = LISTED_ATTEMPTS;

/** Throughput and work in flight over time. */
export function throughputSection({ measurement: { throughput }, originMs }: Facts): Section {
  const points = evenly(throughput.series, LISTED_ROWS);
  return {
    id: "throughput",
    title: "Throughput, and work in flight",
    content: html`<p>
        Over the whole window ${number(throughput.messagesPerSecond)} messages, ${number(throughput.tasksPerSecond)}
        tasks and ${number(throughput.workflowsPerSecond)} workflows went through each second.
      </p>
      ${chart(
        "load",
        "Results recorded each second, and tasks in flight, over time. The table below has the same.",
        html`Above, how many results were recorded each second; below, how many tasks were between dispatch and record.
        Vertical lines are moments at which a process was struck.`,
      )}
      ${fold(
        `Points of the chart (${number(points.length)})`,
        table(
          points,
          [
            { title: "At", cell: ({ atMs }) => offset(atMs, originMs), isHeading: true },
            {
              title: "Recorded each second",
              cell: ({ recordedPerSecond }) => number(recordedPerSecond),
              numeric: true,
            },
            { title: "In flight", cell: ({ inFlight }) => number(inFlight), numeric: true },
          ],
          { caption: "Throughput and work in flight" },
        ),
      )}
      ${excerpt(points.length, throughput.series.length, "points in the table", "an even sample over time")}
      ${streams(throughput.streams)}`,
  };
}

function streams(measured: Facts["measurement"]["throughput"]["streams"]): Content {
  return fold(
    `Streams (${measured.length})`,
    table(
      measured,
      [
        { title: "Stream", cell: ({ stream }) => name(stream), isHeading: true },
        { title: "Messages", cell: ({ messages }) => number(messages), numeric: true },
        { title: "Each second", cell: ({ perSecond }) => number(perSecond), numeric: true },
      ],
      { caption: "Messages by stream" },
    ),
  );
}

/** Who did how much of its group's work. */
export function consumersSection(facts: Facts, loads: readonly AgentLoad[]): Section {
  const listed = evenly(loads, LISTED_ROWS);
  return {
    id: "consumers",
    title: "How each group shared its work",
    content: html`${legend(facts)}
    ${chart(
      "shares",
      "Share of each agent in the work of its group. The table below has the same.",
      html`Each bar is the part of its group's results that an agent recorded; the stroke is what an even share would
      be.`,
    )}
    ${excerpt(Math.min(DRAWN_BARS, loads.length), loads.length, "agents", "those that recorded most")}
    ${table(
      listed,
      [
        { title: "Agent", cell: ({ agentId }) => name(agentId), isHeading: true },
        { title: "Group", cell: ({ group }) => name(group) },
        { title: "Agent type", cell: (load) => agentType(facts, load.agentType) },
        { title: "Results recorded", cell: ({ recorded }) => number(recorded), numeric: true },
        { title: "Share", cell: ({ share }) => percent(share), numeric: true },
        { title: "Deliveries lost with it", cell: ({ lost }) => number(lost), numeric: true },
        { title: "Incarnations", cell: ({ incarnations }) => incarnations, numeric: true },
      ],
      { caption: "Work by agent" },
    )}
    ${excerpt(listed.length, loads.length, "agents in the table", "an even sample")} ${groups(facts)}`,
  };
}

function groups(facts: Facts): Content {
  const measured = facts.measurement.groups;
  return fold(
    `Groups (${measured.length})`,
    table(
      measured,
      [
        { title: "Group", cell: ({ group }) => name(group), isHeading: true },
        { title: "Stream", cell: ({ stream }) => name(stream) },
        { title: "Slots", cell: ({ slots }) => slots, numeric: true },
        { title: "Entries left", cell: ({ length }) => number(length), numeric: true },
        { title: "Pending", cell: ({ pending }) => number(pending), numeric: true },
        { title: "Lag", cell: ({ lag }) => number(lag), numeric: true },
      ],
      { caption: "Groups at the end of the window" },
    ),
  );
}

/** How much memory each process took. */
export function memorySection({ measurement: { processes } }: Facts): Section {
  const listed = evenly(processes, LISTED_ROWS);
  return {
    id: "memory",
    title: "Memory of each process",
    content: html`${chart(
      "memory",
      "Memory of each process. The table below has the same.",
      html`Each bar is the median resident memory of a process while it was measured, the stroke its peak; dashed lines
      are the targets.`,
    )}
    ${excerpt(Math.min(DRAWN_BARS, processes.length), processes.length, "processes", "those with the highest median")}
    ${table(
      listed,
      [
        { title: "Process", cell: (each) => name(each.name), isHeading: true },
        { title: "Service", cell: ({ service }) => name(service) },
        { title: "Median", cell: ({ rssMedianBytes }) => `${megabytes(rssMedianBytes)} MB`, numeric: true },
        { title: "Peak", cell: ({ rssPeakBytes }) => `${megabytes(rssPeakBytes)} MB`, numeric: true },
        { title: "Processor time", cell: ({ cpuSeconds }) => `${number(cpuSeconds)} s`, numeric: true },
      ],
      { caption: "Memory and processor time by process" },
    )}
    ${excerpt(listed.length, processes.length, "processes in the table", "an even sample")}`,
  };
}
