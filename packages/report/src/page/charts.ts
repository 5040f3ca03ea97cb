import { drawBars } from "../charts/bars-chart.js";
import type { ChartData } from "../charts/chart-data.js";
import type { Draw } from "../charts/chart.js";
import { drawLoad } from "../charts/load-chart.js";
import { drawRecoveries, drawSpread } from "../charts/recovery-charts.js";
import { drawTimeline } from "../charts/timeline-chart.js";

/** How each chart of the page is drawn. */
export const CHARTS: { [K in keyof ChartData]: Draw<ChartData[K]> } = {
  timeline: drawTimeline,
  spread: drawSpread,
  recoveries: drawRecoveries,
  load: drawLoad,
  shares: drawBars,
  memory: drawBars,
  steps: drawBars,
  sustained: drawLoad,
};
