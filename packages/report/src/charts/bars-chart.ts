import { number } from "../html/format.js";
import type { BarsData } from "./chart-data.js";
import {
  base,
  isNarrow,
  nameAxis,
  referenceLines,
  roomFor,
  tooltipBase,
  valueAxis,
  type Draw,
  type Surroundings,
} from "./chart.js";

const BAR_ROOM = 24;
const BAR_WIDTH = 13;
const LABEL_WIDTH = 56;
const ROOM_FOR_LABELS = 48;
const BOTTOM = 28;
/** The axis ends at a multiple of this. */
const ROUND = 10;

/** Named bars, each with a stroke beside it, and lines across all of them. */
export const drawBars: Draw<BarsData> = ({ bars, references, unit }, surroundings) => {
  const { theme, tooltip } = surroundings;
  const tip = { formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(bars[dataIndex]!.lines) };
  const [names, labels] = [bars.map(({ name }) => name), bars.map(({ label }) => label)];
  const top = references.length > 0 && isNarrow(surroundings) ? ROOM_FOR_LABELS : 22;
  // Lines are drawn only within the axis, so it has to hold them too.
  const most = Math.max(
    ...references.map(({ value }) => value),
    ...bars.flatMap(({ value, mark }) => [value, mark ?? 0]),
  );
  return {
    height: BAR_ROOM * bars.length + top + BOTTOM,
    option: {
      ...base(surroundings),
      grid: { left: roomFor(names, surroundings), right: LABEL_WIDTH + 12, top, bottom: BOTTOM },
      xAxis: {
        ...valueAxis(surroundings, (value) => `${number(value)} ${unit}`),
        min: 0,
        max: Math.max(1, Math.ceil(most / ROUND) * ROUND),
      },
      yAxis: [nameAxis(surroundings, names), labelAxis(surroundings, labels)],
      tooltip: { ...tooltipBase(surroundings), trigger: "item" },
      series: [
        {
          type: "bar",
          barWidth: BAR_WIDTH,
          tooltip: tip,
          data: bars.map(({ value, colour }) => ({
            value,
            itemStyle: { color: colour === null ? theme.neutral : theme.agents[colour] },
          })),
          markLine: referenceLines(surroundings, references),
        },
        {
          type: "scatter",
          symbol: "rect",
          symbolSize: [2.5, BAR_WIDTH + 7],
          itemStyle: { color: theme.ink, opacity: 1 },
          tooltip: tip,
          data: bars.map(({ mark }, index) => [mark ?? "-", index]),
        },
      ],
    },
  };
};

/** Their labels beside the bars, in a column of their own where no line crosses them. */
function labelAxis(surroundings: Surroundings, labels: readonly string[]) {
  const axis = nameAxis(surroundings, labels);
  return { ...axis, position: "right" as const, axisLabel: { ...axis.axisLabel, width: LABEL_WIDTH } };
}
