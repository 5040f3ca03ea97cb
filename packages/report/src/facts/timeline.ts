// The attempts of a run by the process that made them, small enough to be drawn: who was struck and the demonstrated
// workflow are shown whole as long as there is room, of the rest an even sample.
import type { MeasuredAttempt } from "@agent-hive/measurement";
import type { TimelineBar, TimelineData, TimelineMark, TimelineRow } from "../charts/chart-data.js";
import { duration, shortened } from "../html/format.js";
import { agentOf, anchorOfTask, colourOf, isLost, taskKey, type Facts, type NumberedAct } from "./facts.js";
import { laneOf } from "./lanes.js";
import { sampleTiers } from "./sample.js";
import { marksOf, type PlacedMark } from "./timeline-marks.js";

/** Most bars that a browser draws and zooms without a stutter, and most rows that a page can be read with. */
export const DRAWN_ATTEMPTS = 2000;
export const DRAWN_AGENTS = 48;
const MOST_LANES = 6;
/** Longest name of an agent beside its row, and of a task within a bar, in characters. */
const NAME_CHARACTERS = 22;
/** A view is narrowed to the demonstrated workflow if that took less than this part of all that is drawn. */
const NARROW_VIEW = 0.5;

/** What is drawn, and of how much it was taken. */
export interface Timeline {
  data: TimelineData;
  attempts: { drawn: number; of: number };
  agents: { drawn: number; of: number };
}

/** An attempt that has a place on the timeline. */
interface Placed {
  attempt: MeasuredAttempt;
  agent: string;
  fromMs: number;
  toMs: number;
}

/** Chooses what of a run's attempts is drawn, and where. */
export function timelineOf(facts: Facts): Timeline {
  const all = placedAttempts(facts);
  const agents = agentsByWeight(facts, all);
  const rows = rowsOf(facts, agents.slice(0, DRAWN_AGENTS), all);
  const rowOf = new Map(rows.map(({ name }, index) => [name, index]));
  const chosen = sampleTiers(
    tiersOf(
      facts,
      all.filter(({ agent }) => rowOf.has(agent)),
    ),
    DRAWN_ATTEMPTS,
  );
  const bars = barsOf(facts, chosen, rows, rowOf);
  const marks = marksOf(facts).flatMap((mark) => placeMark(mark, rowOf));
  return {
    data: {
      rows: rows.map((row) => ({ ...row, name: shortened(row.name, NAME_CHARACTERS) })),
      bars,
      marks,
      view: viewOf(facts, bars),
    },
    attempts: { drawn: bars.length, of: all.length },
    agents: { drawn: rows.length, of: agents.length },
  };
}

/** Attempts that ran somewhere; one without a start, such as a late result, is a mark and no bar. */
function placedAttempts(facts: Facts): Placed[] {
  const strikes = Map.groupBy(facts.acts, ({ act }) => act.incarnation);
  return facts.measurement.attempts.flatMap((attempt) => {
    const agent = agentOf(facts, attempt);
    if (agent === undefined || attempt.startedAtMs === null) return [];
    const endMs = endOf(attempt, attempt.startedAtMs, strikes.get(attempt.incarnation ?? ""));
    return [{ attempt, agent, fromMs: attempt.startedAtMs - facts.originMs, toMs: endMs - facts.originMs }];
  });
}

/** A delivery that was lost ended when its process was struck, if that is known, and not when somebody found out. */
function endOf(attempt: MeasuredAttempt, startedAtMs: number, strikes: readonly NumberedAct[] = []): number {
  const { finishedAtMs, recordedAtMs } = attempt;
  const strike = strikes.find(({ act: { atMs } }) => startedAtMs <= atMs && atMs <= recordedAtMs);
  return Math.max(startedAtMs, (isLost(attempt) ? strike?.act.atMs : undefined) ?? finishedAtMs ?? recordedAtMs);
}

/** Who was struck or took over comes first, then who worked for the demonstrated workflow, then who did most. */
function agentsByWeight({ measurement, input }: Facts, placed: readonly Placed[]): string[] {
  const involved = new Set(measurement.acts.map(({ agentId }) => agentId));
  for (const { recoveredBy } of measurement.recoveries) if (recoveredBy !== null) involved.add(recoveredBy);
  const weights = new Map([...involved].map((agent) => [agent, 1e12]));
  for (const { agent, attempt } of placed)
    weights.set(agent, (weights.get(agent) ?? 0) + (attempt.workflowId === input.workflowId ? 1e6 : 1));
  return [...weights].sort(([, one], [, other]) => other - one).map(([agent]) => agent);
}

function rowsOf(facts: Facts, agents: readonly string[], placed: readonly Placed[]): TimelineRow[] {
  const types = new Map(placed.map(({ agent, attempt }) => [agent, attempt.agentType]));
  for (const { agentId, agentType } of facts.measurement.acts) types.set(agentId, agentType);
  const typeRank = (agent: string): number => facts.agentTypes.indexOf(types.get(agent) ?? "");
  return [...agents]
    .sort((one, other) => typeRank(one) - typeRank(other) || one.localeCompare(other, "en", { numeric: true }))
    .map((name) => ({ name, colour: colourOf(facts, types.get(name) ?? ""), lanes: 1 }));
}

function tiersOf({ measurement, input }: Facts, placed: readonly Placed[]): Placed[][] {
  const struck = new Set(measurement.recoveries.map(taskKey));
  const tierOf = ({ attempt }: Placed): number =>
    isLost(attempt) || struck.has(taskKey(attempt)) ? 0 : attempt.workflowId === input.workflowId ? 1 : 2;
  const tiers: Placed[][] = [[], [], []];
  for (const each of placed) tiers[tierOf(each)]!.push(each);
  return tiers;
}

/** Gives each bar its lane, and each row as many lanes as its bars need. */
function barsOf(
  facts: Facts,
  chosen: readonly Placed[],
  rows: TimelineRow[],
  rowOf: ReadonlyMap<string, number>,
): TimelineBar[] {
  const anchors = new Map(facts.listedAttempts.map(({ attempt, anchor }) => [attempt, anchor]));
  return [...Map.groupBy(chosen, ({ agent }) => agent)].flatMap(([agent, own]) => {
    const row = rowOf.get(agent)!;
    const lanes = laneOf(own, MOST_LANES);
    rows[row]!.lanes = Math.max(...lanes) + 1;
    return own.map((placed, index) => ({ row, lane: lanes[index]!, ...barOf(facts, placed, anchors) }));
  });
}

function barOf(
  facts: Facts,
  { attempt, agent, fromMs, toMs }: Placed,
  anchors: ReadonlyMap<MeasuredAttempt, string>,
): Omit<TimelineBar, "row" | "lane"> {
  const { taskId, outcome } = attempt;
  const fate = outcome === "succeeded" ? "recorded" : isLost(attempt) ? "lost" : "unsuccessful";
  return {
    fromMs,
    toMs,
    fate,
    label: shortened(taskId, NAME_CHARACTERS),
    lines: [taskId, `attempt ${attempt.attempt} on ${agent}: ${outcome}`, `${duration(fromMs)} to ${duration(toMs)}`],
    anchor: anchors.get(attempt),
    task: anchorOfTask(facts, attempt),
  };
}

function placeMark({ agent, ...mark }: PlacedMark, rowOf: ReadonlyMap<string, number>): TimelineMark[] {
  const row = rowOf.get(agent);
  return row === undefined ? [] : [{ row, ...mark }];
}

function viewOf({ workflow, measurement, originMs }: Facts, bars: readonly TimelineBar[]): TimelineData["view"] {
  if (!workflow || bars.length === 0) return null;
  const first = bars.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity);
  const last = bars.reduce((most, { toMs }) => Math.max(most, toMs), -Infinity);
  const toMs = (workflow.finishedAtMs ?? measurement.window.toMs) - originMs;
  return toMs < NARROW_VIEW * (last - first) ? { fromMs: 0, toMs } : null;
}
