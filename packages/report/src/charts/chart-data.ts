// What the page's charts are drawn from, as it stands in the page. Written where the report is rendered, read in the
// browser; so there is nothing here but types. Times are milliseconds since the page's origin, memory is megabytes.

/** One process, or one agent over its incarnations, along the timeline. */
export interface TimelineRow {
  name: string;
  /** Place among the colours of agent types. */
  colour: number;
  /** How many of its attempts are drawn side by side. */
  lanes: number;
}

export interface TimelineBar {
  row: number;
  lane: number;
  fromMs: number;
  toMs: number;
  fate: "recorded" | "lost" | "unsuccessful";
  label: string;
  /** What is told when one points at it. */
  lines: string[];
  /** Row of a table that it leads to. */
  anchor?: string;
  /** Task whose traces are shown together. */
  task?: string;
}

export type MarkKind = "crash" | "freeze" | "isolate" | "claim" | "fenced";

export interface TimelineMark {
  row: number;
  atMs: number;
  kind: MarkKind;
  lines: string[];
  anchor?: string;
  task?: string;
}

export interface TimelineData {
  rows: TimelineRow[];
  bars: TimelineBar[];
  marks: TimelineMark[];
  /** What is in view at first; null for all. */
  view: { fromMs: number; toMs: number } | null;
}

/** A line that a chart draws across its values, with its name. */
export interface Reference {
  value: number;
  label: string;
}

/** The times of one kind of act until the task ran elsewhere. */
export interface RecoverySpread {
  kind: "crash" | "freeze" | "isolate";
  title: string;
  dots: { ms: number; lines: string[]; anchor?: string }[];
  p50: number | null;
  p99: number | null;
  references: Reference[];
}

export const RECOVERY_PARTS = ["noticed", "claimed", "running", "recorded"] as const;

/** One recovery, part after part; `parts` are how long each took, zero if it is not known by itself. */
export interface RecoveryBar {
  name: string;
  parts: [number, number, number, number];
  lines: string[];
  anchor?: string;
}

export interface LoadData {
  points: { atMs: number; recordedPerSecond: number; inFlight: number }[];
  strikes: { atMs: number; label: string }[];
}

/** One bar with a name, and a mark beside its end: a share and an even one, or a median and its peak. */
export interface NamedBar {
  name: string;
  /** Place among the colours of agent types; null if it belongs to none. */
  colour: number | null;
  value: number;
  mark: number | null;
  label: string;
  lines: string[];
}

export interface BarsData {
  bars: NamedBar[];
  references: Reference[];
  unit: string;
}

/** All charts by the name that their figures bear. */
export interface ChartData {
  timeline: TimelineData;
  spread: { kinds: RecoverySpread[] };
  recoveries: { bars: RecoveryBar[] };
  load: LoadData;
  shares: BarsData;
  memory: BarsData;
  steps: BarsData;
  sustained: LoadData;
}
