import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AxisPointerComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { ChartData, TimelineData } from "../charts/chart-data.js";
import type { Draw } from "../charts/chart.js";
import { readTheme } from "./read-theme.js";

use([
  AxisPointerComponent,
  BarChart,
  CustomChart,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer, // sharp in print, where a canvas would be a picture
  TooltipComponent,
]);

/** A chart in its place on the page. */
export interface MountedChart {
  /** Draws it again in the theme of now, and in a width in CSS pixels; default: that of its place. */
  draw: (width?: number) => void;
  /** Brings forward what belongs to a task, or nothing. */
  bringForward: (task: string | undefined) => void;
}

type Charts = { [K in keyof ChartData]: Draw<ChartData[K]> };

/** Draws a chart from the page's data, and again whenever its place changes its width. */
export function mountChart(place: HTMLElement, charts: Charts): MountedChart {
  const name = place.dataset["chart"] as keyof ChartData;
  const data = dataOf(name);
  const drawing = charts[name] as Draw<ChartData[keyof ChartData]>;
  let chart: EChartsType | undefined;
  const draw = (width = place.clientWidth): void => {
    if (width === 0) return;
    const { option, height } = drawing(data, { theme: readTheme(), width, tooltip });
    place.style.height = `${height}px`;
    chart ??= init(place, undefined, { renderer: "svg", width, height });
    chart.resize({ width, height });
    chart.setOption(option, { notMerge: true });
  };
  draw();
  redrawOnResize(place, draw);
  if (chart) followLinks(chart, data);
  return { draw, bringForward: (task) => chart && bringForward(chart, data, task) };
}

function dataOf<K extends keyof ChartData>(name: K): ChartData[K] {
  const block = document.getElementById(`data-${name}`);
  if (!block) throw new Error(`The page has no data for its chart "${name}".`);
  return JSON.parse(block.textContent) as ChartData[K];
}

function redrawOnResize(place: HTMLElement, draw: () => void): void {
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    draw();
  }).observe(place);
}

/** Lines of text, made as elements: names in them are never read as markup. */
function tooltip(lines: string[]): HTMLElement {
  const box = document.createElement("div");
  for (const [index, line] of lines.entries()) {
    const element = document.createElement(index === 0 ? "strong" : "span");
    element.className = "tip-line";
    element.textContent = line;
    box.append(element);
  }
  return box;
}

/** What is clicked leads to its row. */
function followLinks(chart: EChartsType, data: ChartData[keyof ChartData]): void {
  if (!("rows" in data)) return;
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    const anchor = (seriesIndex === 0 ? data.bars : data.marks)[dataIndex]?.anchor;
    if (anchor !== undefined) location.hash = anchor;
  });
}

function bringForward(chart: EChartsType, data: ChartData[keyof ChartData], task: string | undefined): void {
  if (!("rows" in data)) return;
  chart.dispatchAction({ type: "downplay" });
  if (task === undefined) return;
  for (const [seriesIndex, items] of [data.bars, data.marks].entries()) {
    const dataIndex = indexesOf(items, task);
    if (dataIndex.length > 0) chart.dispatchAction({ type: "highlight", seriesIndex, dataIndex });
  }
}

function indexesOf(items: TimelineData["bars"] | TimelineData["marks"], task: string): number[] {
  return items.flatMap((item, index) => (item.task === task || item.anchor === task ? [index] : []));
}
