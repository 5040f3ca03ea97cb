import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AxisPointerComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { factsOf } from "../facts/facts.js";
import { agentLoads, loadOf, memoryOf, sharesOf } from "../facts/load.js";
import { recoveryBarsOf, spreadsOf } from "../facts/recovery-times.js";
import { timelineOf } from "../facts/timeline.js";
import { stepsOf, sustainedOf } from "../facts/under-load.js";
import { demonstration, loaded } from "../test-fixtures/demonstration.js";
import { drawBars } from "./bars-chart.js";
import type { Drawing, Surroundings } from "./chart.js";
import { drawLoad } from "./load-chart.js";
import { drawRecoveries, drawSpread } from "./recovery-charts.js";
import { drawTimeline } from "./timeline-chart.js";

use([AxisPointerComponent, BarChart, CustomChart, DataZoomInsideComponent, DataZoomSliderComponent, GridComponent]);
use([LineChart, MarkLineComponent, ScatterChart, SVGRenderer, TooltipComponent]);

const surroundings: Surroundings = {
  width: 900,
  tooltip: (lines) => lines.join("; "),
  theme: {
    ink: "#101010",
    muted: "#606060",
    rule: "#d0d0d0",
    paper: "#fefefe",
    onColour: "#ffffff",
    neutral: "#707070",
    bad: "#a00000",
    agents: ["#000001", "#000002", "#000003", "#000004", "#000005", "#000006", "#000007", "#000008"],
    parts: ["#00000a", "#00000b", "#00000c", "#00000d"],
    signs: { crash: "#0000c1", freeze: "#0000c2", isolate: "#0000c3", claim: "#0000c4", fenced: "#0000c5" },
    fontFamily: "serif",
  },
};

/** The chart as ECharts draws it without a browser. */
function drawn({ option, height }: Drawing, { width } = surroundings): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const shapes = (svg: string, colour: string): number => svg.split(`fill="${colour}"`).length - 1;

const facts = factsOf(demonstration());

test("the timeline has a name for each agent, a bar for each attempt and a sign for each event", () => {
  const { data } = timelineOf(facts);
  const svg = drawn(drawTimeline(data, surroundings));
  for (const { name } of data.rows) expect(svg).toContain(`>${name}<`);
  const { theme } = surroundings;
  const recorded = theme.agents.slice(0, 4).map((colour) => shapes(svg, colour));
  expect(recorded.reduce((sum, each) => sum + each)).toBe(11);
  expect(svg.split("stroke-dasharray").length - 1).toBe(5);
  expect(Object.values(theme.signs).map((colour) => shapes(svg, colour))).toEqual([4, 1, 0, 5, 1]);
});

test("recovery times have a dot each, their median and the targets of their kind", () => {
  const svg = drawn(drawSpread({ kinds: spreadsOf(facts) }, surroundings));
  expect(shapes(svg, surroundings.theme.signs.crash)).toBe(4);
  expect(shapes(svg, surroundings.theme.signs.freeze)).toBe(1);
  for (const text of ["killed", "frozen", "aim 100 ms", "aim 500 ms", "aim 2 s", "floor 30 s"])
    expect(svg).toContain(`>${text}<`);
  expect(svg).toMatch(/>median \d+ ms</);
});

test("each recovery is a bar of its parts", () => {
  const svg = drawn(drawRecoveries({ bars: recoveryBarsOf(facts) }, surroundings));
  expect(surroundings.theme.parts.map((colour) => shapes(svg, colour))).toEqual([5, 5, 5, 5]);
});

test("load over time is two lines, with a stroke for each act in both", () => {
  const svg = drawn(drawLoad(loadOf(facts), surroundings));
  expect(svg).toContain(">in flight<");
  expect(svg.split(`stroke="${surroundings.theme.signs.crash}"`).length - 1).toBe(10);
});

test("shares stand beside an even one, memory beside its peak and its targets", () => {
  const shares = drawn(drawBars(sharesOf(facts, agentLoads(facts)), surroundings));
  expect(shapes(shares, surroundings.theme.ink)).toBeGreaterThanOrEqual(8);
  const memory = drawn(drawBars(memoryOf(facts), surroundings));
  expect(memory).toContain(">aim 120 MB<");
  expect(shapes(memory, surroundings.theme.neutral)).toBe(11);
});

test("steps of load are bars beside what was offered, and load for minutes has a stroke for each kill", () => {
  const steps = drawn(drawBars(stepsOf(loaded()), surroundings));
  expect(shapes(steps, surroundings.theme.neutral)).toBe(5);
  expect(steps).toContain(">not held<");
  const sustained = drawn(drawLoad(sustainedOf(loaded()), surroundings));
  expect(sustained.split(`stroke="${surroundings.theme.signs.crash}"`).length - 1).toBe(4);
});

test("all charts can be drawn of nothing, and as narrow as a phone", () => {
  const narrow = { ...surroundings, width: 340 };
  const nothing = { bars: [], references: [], unit: "MB" };
  const drawings = [
    drawTimeline({ rows: [], bars: [], marks: [], view: null }, narrow),
    drawSpread({ kinds: [] }, narrow),
    drawRecoveries({ bars: [] }, narrow),
    drawLoad({ points: [], strikes: [] }, narrow),
    drawBars(nothing, narrow),
    drawTimeline(timelineOf(facts).data, narrow),
  ];
  for (const drawing of drawings) expect(drawn(drawing, narrow)).toMatch(/^<svg .*<\/svg>$/s);
});
