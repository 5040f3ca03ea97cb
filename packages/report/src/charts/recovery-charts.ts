import { duration } from "../html/format.js";
import { RECOVERY_PARTS, type RecoveryBar, type RecoverySpread } from "./chart-data.js";
import {
  base,
  isNarrow,
  nameAxis,
  roomFor,
  tooltipBase,
  valueAxis,
  type Draw,
  type Surroundings,
  type Theme,
} from "./chart.js";

const KIND_HEIGHT = 110;
const BAR_ROOM = 26;
/** Dots stand in a line while they are few, and spread out when they would hide each other. */
const FEW_DOTS = 8;
const SPREAD = 0.34;
const GOLDEN_PART = 0.618;
/** How far strokes reach from the middle of their row, and the labels of neighbours from each other, in rows. */
const STROKE = 0.2;
const LEVEL = 0.12;

/** Recovery times of each kind of act as dots on a logarithmic scale, with median, 99th percentile and targets. */
export const drawSpread: Draw<{ kinds: RecoverySpread[] }> = ({ kinds }, surroundings) => {
  const values = kinds.flatMap(({ dots, references }) => [...dots, ...references.map(({ value }) => ({ ms: value }))]);
  const positive = values.map(({ ms }) => Math.max(1, ms));
  return {
    height: KIND_HEIGHT * kinds.length + 32,
    option: {
      ...base(surroundings),
      grid: { left: isNarrow(surroundings) ? 62 : 90, right: 28, top: 4, bottom: 28 },
      xAxis: {
        ...valueAxis(surroundings, duration),
        type: "log",
        axisLabel: { color: surroundings.theme.muted, fontSize: 12, showMaxLabel: false, formatter: duration },
        min: 10 ** Math.floor(Math.log10(Math.min(10, ...positive))),
        max: Math.max(1000, ...positive) * 1.8,
      },
      yAxis: {
        ...valueAxis(surroundings, (value) => kinds[value]?.title ?? ""),
        min: -0.5,
        max: kinds.length - 0.5,
        interval: 0.5,
        inverse: true,
        splitLine: { show: false },
        axisLabel: {
          color: surroundings.theme.ink,
          fontSize: 12,
          formatter: (value: number) => kinds[value]?.title ?? "",
        },
      },
      tooltip: { ...tooltipBase(surroundings), trigger: "item" },
      series: kinds.map((kind, index) => spreadSeries(kind, index, surroundings)),
    },
  };
};

function spreadSeries({ kind, dots, p50, p99, references }: RecoverySpread, row: number, surroundings: Surroundings) {
  const { theme, tooltip } = surroundings;
  const height = (index: number): number =>
    row + (dots.length > FEW_DOTS ? SPREAD * (((index * GOLDEN_PART) % 1) - 0.5) : 0);
  return {
    type: "scatter",
    symbolSize: dots.length > 100 ? 5 : 9,
    itemStyle: { color: theme.signs[kind], borderColor: theme.paper, borderWidth: 1 },
    data: dots.map(({ ms }, index) => [Math.max(1, ms), height(index)]),
    tooltip: { formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(dots[dataIndex]!.lines) },
    markLine: {
      silent: true,
      symbol: "none",
      data: [
        ...references.map(({ value, label }, index) =>
          targetStroke(value, row - STROKE - LEVEL * (index % 2), row, label, theme),
        ),
        ...measured(p50, p99).map(({ value, label }, index) => measuredStroke(value, row, label, index === 0, theme)),
      ],
    },
  };
}

function measured(p50: number | null, p99: number | null): { value: number; label: string }[] {
  return [
    ...(p50 === null ? [] : [{ value: p50, label: `median ${duration(p50)}` }]),
    ...(p99 === null || p99 === p50 ? [] : [{ value: p99, label: `p99 ${duration(p99)}` }]),
  ];
}

/** A dashed stroke through a row with its label above; those of neighbours stand at different heights. */
function targetStroke(value: number, top: number, row: number, label: string, theme: Theme) {
  return stroke(
    value,
    [row + STROKE, top],
    { color: theme.ink, type: "dashed", width: 1 },
    labelOf(label, "center", theme),
  );
}

/** A stroke through a row with its label below: that of the median to the left, that of a higher one to the right. */
function measuredStroke(value: number, row: number, label: string, isFirst: boolean, theme: Theme) {
  const line = { color: theme.ink, type: "solid", width: 2 };
  return stroke(value, [row - STROKE, row + STROKE], line, labelOf(label, isFirst ? "right" : "left", theme));
}

function stroke(value: number, [from, to]: readonly [number, number], lineStyle: object, label: object) {
  return [{ coord: [Math.max(1, value), from] }, { coord: [Math.max(1, value), to], lineStyle, label }];
}

function labelOf(text: string, align: "left" | "center" | "right", { ink, fontFamily }: Theme) {
  const look = { color: ink, fontSize: 11, fontFamily };
  return { show: true, position: "end", distance: 3, align, formatter: () => text, ...look };
}

/** Recoveries as bars of four parts, from the act on. */
export const drawRecoveries: Draw<{ bars: RecoveryBar[] }> = ({ bars }, surroundings) => {
  const { theme, tooltip } = surroundings;
  const names = bars.map(({ name }) => name);
  return {
    height: BAR_ROOM * bars.length + 36,
    option: {
      ...base(surroundings),
      grid: { left: roomFor(names, surroundings), right: 24, top: 4, bottom: 28 },
      xAxis: valueAxis(surroundings, duration),
      yAxis: nameAxis(surroundings, names),
      tooltip: {
        ...tooltipBase(surroundings),
        trigger: "axis",
        axisPointer: { type: "shadow" },
        formatter: (items: { dataIndex: number }[]) => tooltip(bars[items[0]!.dataIndex]!.lines),
      },
      series: RECOVERY_PARTS.map((part, index) => ({
        type: "bar",
        name: part,
        stack: "parts",
        barWidth: 14,
        itemStyle: { color: theme.parts[index], borderColor: theme.ink, borderWidth: 0.5 },
        data: bars.map(({ parts }) => parts[index]),
      })),
    },
  };
};
