import type { EChartsCoreOption } from "echarts/core";
import { duration } from "../html/format.js";

/** The colours of the page as they are now, and its letters. */
export interface Theme {
  ink: string;
  muted: string;
  rule: string;
  paper: string;
  /** Text upon the colours of agent types. */
  onColour: string;
  neutral: string;
  bad: string;
  /** Of agent types, of the parts of a recovery, and of the signs of the timeline. */
  agents: string[];
  parts: string[];
  signs: { crash: string; freeze: string; isolate: string; claim: string; fenced: string };
  fontFamily: string;
}

/** What a chart is drawn with besides its data. */
export interface Surroundings {
  theme: Theme;
  /** Width of its place, in CSS pixels. */
  width: number;
  /** Makes what is shown when one points at something: lines of text, which are never read as markup. */
  tooltip: (lines: string[]) => HTMLElement | string;
}

/** A chart as ECharts draws it, and how high it wants to be, in CSS pixels. */
export interface Drawing {
  option: EChartsCoreOption;
  height: number;
}

export type Draw<T> = (data: T, surroundings: Surroundings) => Drawing;

/** Below this width a chart is on a phone. */
const NARROW = 560;

export function isNarrow({ width }: Pick<Surroundings, "width">): boolean {
  return width < NARROW;
}

/** What all charts have in common: a report does not move, and its letters are those of the page. */
export function base({ theme }: Surroundings): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: theme.fontFamily, color: theme.ink, fontSize: 12 },
  };
}

/** A tooltip that stays within its chart. */
export function tooltipBase({ theme }: Surroundings) {
  return {
    confine: true,
    backgroundColor: theme.paper,
    borderColor: theme.muted,
    borderRadius: 2,
    padding: [6, 10],
    textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.fontFamily },
    extraCssText: "box-shadow: none; white-space: normal; max-width: 22rem;",
  };
}

/** An axis of numbers, with lines that stay behind the data. */
export function valueAxis({ theme, width }: Surroundings, format: (value: number) => string) {
  return {
    type: "value" as const,
    splitNumber: width < NARROW ? 3 : 6,
    axisLabel: { color: theme.muted, fontSize: 12, hideOverlap: true, formatter: format },
    axisLine: { show: false, onZero: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.rule } },
  };
}

/** A time as an axis tells it: whole and half seconds stay seconds. */
export function tick(ms: number): string {
  if (ms < 0) return `−${tick(-ms)}`;
  return ms >= 1000 || ms === 0 ? `${Number((ms / 1000).toFixed(3))} s` : duration(ms);
}

/** An axis of time since the page's origin, which it holds as a rule; it ends where the data end. */
export function timeAxis(surroundings: Surroundings) {
  const axis = valueAxis(surroundings, tick);
  return {
    ...axis,
    min: ({ min }: { min: number }) => Math.min(0, Math.floor(min / 1000) * 1000),
    max: "dataMax" as const,
    axisLabel: { ...axis.axisLabel, showMaxLabel: false },
  };
}

/** Widths of names beside a chart, in CSS pixels: a letter's, and the most that they may take. */
const LETTER_WIDTH = 7;
const MOST_NAME_WIDTH = { narrow: 108, wide: 230 } as const;
const NAME_MARGIN = 10;

/** Room that names beside a chart take, in CSS pixels: what they need, up to what leaves the chart enough. */
export function roomFor(names: readonly string[], surroundings: Surroundings): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0) * LETTER_WIDTH;
  return NAME_MARGIN + Math.min(longest, MOST_NAME_WIDTH[isNarrow(surroundings) ? "narrow" : "wide"]);
}

/** An axis of names, the first on top. */
export function nameAxis(surroundings: Surroundings, names: readonly string[]) {
  const { theme } = surroundings;
  const width = roomFor(names, surroundings) - NAME_MARGIN;
  return {
    type: "category" as const,
    data: [...names],
    inverse: true,
    axisLabel: {
      color: theme.ink,
      fontSize: 12,
      interval: 0,
      width,
      overflow: "truncate" as const,
      margin: NAME_MARGIN,
    },
    axisLine: { show: false },
    axisTick: { show: false },
  };
}

/** Dashed lines across the values of a chart, such as targets, with their names on top: in steps where they are close. */
export function referenceLines(surroundings: Surroundings, references: readonly { value: number; label: string }[]) {
  const { ink, fontFamily } = surroundings.theme;
  const step = isNarrow(surroundings) ? 13 : 0;
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: ink, type: "dashed" as const, width: 1 },
    data: references.map(({ value, label }, index) => ({
      xAxis: value,
      label: {
        formatter: () => label,
        color: ink,
        fontFamily,
        fontSize: 11,
        position: "start" as const,
        distance: 4 + (index % 3) * step,
      },
    })),
  };
}
