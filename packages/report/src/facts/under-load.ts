import type { BarsData, LoadData, NamedBar } from "../charts/chart-data.js";
import { count, number } from "../html/format.js";
import type { UnderLoad } from "../report-input.js";
import { evenly } from "./sample.js";

const DRAWN_POINTS = 2000;
/** Most kills that are drawn as lines: more would be a wall. */
const DRAWN_STRIKES = 60;

/** What went through in each step, with what was offered as a stroke. */
export function stepsOf(underLoad: UnderLoad | null): BarsData {
  const bars = (underLoad?.steps ?? []).map(({ offered, measured, open, held }): NamedBar => ({
    name: `${number(Math.round(offered))}/s`,
    colour: null,
    value: Math.round(measured),
    mark: Math.round(offered),
    label: held ? "held" : "not held",
    lines: [
      `${number(Math.round(offered))} messages/s offered`,
      `${number(Math.round(measured))} messages/s went through`,
      `${count(open, "workflow")} open at the end`,
    ],
  }));
  return { bars, references: [], unit: "/s" };
}

/** The load of minutes over time, with the kills. */
export function sustainedOf(underLoad: UnderLoad | null): LoadData {
  const { series = [], strikes = [] } = underLoad?.sustained ?? {};
  return {
    points: evenly(series, DRAWN_POINTS),
    strikes: evenly(strikes, DRAWN_STRIKES).map(({ atMs, agentId }) => ({ atMs, label: agentId })),
  };
}
