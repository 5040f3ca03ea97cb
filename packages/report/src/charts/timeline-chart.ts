import type { CustomSeriesOption } from "echarts";
import type { TimelineBar, TimelineData, TimelineMark } from "./chart-data.js";
import {
  base,
  nameAxis,
  roomFor,
  tick,
  timeAxis,
  tooltipBase,
  type Draw,
  type Surroundings,
  type Theme,
} from "./chart.js";
import { SIGN_SIZE, SIGNS } from "./signs.js";

type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

const LANE_HEIGHT = 20;
const ROW_GAP = 10;
const LEAST_BAR_WIDTH = 2;
/** A bar narrower than this has no room for a name. */
const LEAST_NAMED_WIDTH = 44;
const PLACE_OF = { top: 8, axis: 28, slider: 46 } as const;

/** Attempts as bars by agent, with the signs of what befell them. Series 0 are the bars, series 1 the signs. */
export const drawTimeline: Draw<TimelineData> = (data, surroundings) => {
  const { theme } = surroundings;
  const names = data.rows.map(({ name }) => name);
  const rowHeight = LANE_HEIGHT * Math.max(1, ...data.rows.map(({ lanes }) => Math.min(lanes, 2))) + ROW_GAP;
  const height = rowHeight * data.rows.length;
  const zoom = data.view === null ? {} : { startValue: data.view.fromMs, endValue: data.view.toMs };
  return {
    height: height + PLACE_OF.top + PLACE_OF.axis + PLACE_OF.slider,
    option: {
      ...base(surroundings),
      grid: {
        left: roomFor(names, surroundings),
        right: 16,
        top: PLACE_OF.top,
        bottom: PLACE_OF.axis + PLACE_OF.slider,
      },
      xAxis: timeAxis(surroundings),
      yAxis: {
        ...nameAxis(surroundings, names),
        splitArea: { show: false },
        splitLine: { show: true, lineStyle: { color: theme.rule } },
      },
      tooltip: { ...tooltipBase(surroundings), trigger: "item" },
      dataZoom: [
        // A page is scrolled with the wheel; only with Ctrl held does it zoom.
        { type: "inside", filterMode: "weakFilter", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, ...zoom },
        { type: "slider", filterMode: "weakFilter", height: 20, bottom: 6, ...sliderStyle(theme), ...zoom },
      ],
      series: [barSeries(data, surroundings), markSeries(data, surroundings)],
    },
  };
};

function sliderStyle(theme: Theme) {
  return {
    brushSelect: false,
    showDataShadow: false,
    borderColor: theme.rule,
    backgroundColor: "transparent",
    fillerColor: theme.rule,
    handleStyle: { color: theme.paper, borderColor: theme.muted },
    moveHandleStyle: { color: theme.muted },
    textStyle: { color: theme.muted },
    labelFormatter: tick,
  };
}

function barSeries({ bars, rows }: TimelineData, surroundings: Surroundings): CustomSeriesOption {
  const { theme, tooltip } = surroundings;
  const render: RenderItem = ({ dataIndex }, api) => {
    const bar = bars[dataIndex]!;
    const { lanes, colour } = rows[bar.row]!;
    const [left, middle] = api.coord([bar.fromMs, bar.row]) as [number, number];
    const [right] = api.coord([bar.toMs, bar.row]) as [number, number];
    const [, room] = api.size!([0, 1]) as [number, number];
    const laneHeight = (room - ROW_GAP) / lanes;
    const shape = {
      x: left,
      y: middle - (room - ROW_GAP) / 2 + bar.lane * laneHeight + 1,
      width: Math.max(LEAST_BAR_WIDTH, right - left),
      height: Math.max(1, laneHeight - 2),
    };
    const rect = { type: "rect" as const, shape, style: barStyle(bar, theme.agents[colour]!, theme), ...states(theme) };
    return { type: "group", focus: "self", children: isNamed(shape) ? [rect, nameOf(bar, shape, theme)] : [rect] };
  };
  return {
    type: "custom",
    clip: true,
    renderItem: render,
    encode: { x: [0, 1], y: 2 },
    data: bars.map(({ fromMs, toMs, row }) => [fromMs, toMs, row]),
    tooltip: { formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(bars[dataIndex]!.lines) },
  };
}

function barStyle({ fate }: TimelineBar, colour: string, theme: Theme) {
  if (fate === "recorded") return { fill: colour };
  if (fate === "lost") return { fill: theme.paper, stroke: colour, lineWidth: 1.5, lineDash: [4, 3] };
  return { fill: theme.bad };
}

/** What is pointed at is outlined, and all else steps back. */
function states(theme: Theme) {
  return {
    emphasis: { style: { stroke: theme.ink, lineWidth: 2 } },
    blur: { style: { opacity: 0.25 } },
  };
}

function isNamed({ width, height }: { width: number; height: number }): boolean {
  return width >= LEAST_NAMED_WIDTH && height >= 14;
}

function nameOf(bar: TimelineBar, shape: { x: number; y: number; width: number; height: number }, theme: Theme) {
  return {
    type: "text" as const,
    silent: true,
    style: {
      x: shape.x + 5,
      y: shape.y + shape.height / 2,
      text: bar.label,
      width: shape.width - 10,
      overflow: "truncate" as const,
      ellipsis: "…",
      verticalAlign: "middle" as const,
      fontSize: 11,
      fontFamily: theme.fontFamily,
      fill: bar.fate === "lost" ? theme.ink : theme.onColour,
    },
  };
}

function markSeries({ marks }: TimelineData, { theme, tooltip }: Surroundings): CustomSeriesOption {
  const render: RenderItem = ({ dataIndex }, api) => {
    const mark = marks[dataIndex]!;
    const [x, y] = api.coord([mark.atMs, mark.row]) as [number, number];
    return {
      type: "path",
      shape: { pathData: SIGNS[mark.kind], x: 0, y: 0, width: SIGN_SIZE, height: SIGN_SIZE },
      // A claim points at the begin of what it led to, and leaves its name free.
      position: [mark.kind === "claim" ? x - SIGN_SIZE : x - SIGN_SIZE / 2, y - SIGN_SIZE / 2],
      style: { fill: theme.signs[mark.kind], stroke: theme.paper, lineWidth: 3, strokeFirst: true },
      z2: 10,
      focus: "self",
      blur: { style: { opacity: 0.35 } },
    };
  };
  return {
    type: "custom",
    clip: false,
    renderItem: render,
    encode: { x: 0, y: 1 },
    z: 5,
    data: marks.map(({ atMs, row }: TimelineMark) => [atMs, row]),
    tooltip: { formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(marks[dataIndex]!.lines) },
  };
}
