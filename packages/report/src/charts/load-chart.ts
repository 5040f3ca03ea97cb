import { number } from "../html/format.js";
import type { LoadData } from "./chart-data.js";
import { base, tick, timeAxis, tooltipBase, valueAxis, type Draw, type Surroundings } from "./chart.js";

const PANEL_HEIGHT = 130;
const PANEL_TOPS = [24, 24 + PANEL_HEIGHT + 34] as const;

/** Recorded results each second above, work in flight below, on one axis of time. */
export const drawLoad: Draw<LoadData> = ({ points, strikes }, surroundings) => {
  const { theme, tooltip } = surroundings;
  const lines = [
    { title: "recorded each second", values: points.map(({ atMs, recordedPerSecond }) => [atMs, recordedPerSecond]) },
    { title: "in flight", values: points.map(({ atMs, inFlight }) => [atMs, inFlight]) },
  ];
  return {
    height: PANEL_TOPS[1] + PANEL_HEIGHT + 30,
    option: {
      ...base(surroundings),
      grid: PANEL_TOPS.map((top) => ({ left: 52, right: 20, top, height: PANEL_HEIGHT })),
      xAxis: lines.map((_, gridIndex) => {
        const axis = timeAxis(surroundings);
        return { ...axis, gridIndex, axisLabel: { ...axis.axisLabel, show: gridIndex === 1 } };
      }),
      yAxis: lines.map(({ title }, index) => ({
        ...valueAxis(surroundings, number),
        gridIndex: index,
        splitNumber: 3,
        minInterval: 1,
        name: title,
        nameGap: 8,
        nameTextStyle: { color: theme.ink, align: "left", fontSize: 12 },
      })),
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: {
        ...tooltipBase(surroundings),
        trigger: "axis",
        formatter: (items: { dataIndex: number }[]) => {
          const { atMs, recordedPerSecond, inFlight } = points[items[0]!.dataIndex]!;
          return tooltip([
            tick(atMs),
            `${number(recordedPerSecond)} recorded each second`,
            `${number(inFlight)} in flight`,
          ]);
        },
      },
      series: lines.map(({ values }, index) => lineSeries(values, index, strikes, surroundings)),
    },
  };
};

function lineSeries(values: number[][], panel: number, strikes: LoadData["strikes"], { theme }: Surroundings) {
  return {
    type: "line",
    xAxisIndex: panel,
    yAxisIndex: panel,
    showSymbol: false,
    step: "end",
    lineStyle: { color: theme.neutral, width: 1.5 },
    itemStyle: { color: theme.neutral },
    data: values,
    markLine: {
      silent: true,
      symbol: "none",
      label: { show: false },
      lineStyle: { color: theme.signs.crash, type: "solid", width: 1 },
      data: strikes.map(({ atMs }) => ({ xAxis: atMs })),
    },
  };
}
