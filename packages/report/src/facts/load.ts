import type { BarsData, LoadData, NamedBar } from "../charts/chart-data.js";
import { count, megabytes, number, percent, shortened } from "../html/format.js";
import { colourOf, type Facts } from "./facts.js";
import { memoryReferences } from "./references.js";
import { evenly } from "./sample.js";

const DRAWN_POINTS = 2000;
/** Most acts that are drawn as lines: more would be a wall. */
const DRAWN_STRIKES = 40;
/** Most bars of one chart. */
export const DRAWN_BARS = 60;
const NAME_CHARACTERS = 26;

/** One agent of a group, over all its incarnations. */
export interface AgentLoad {
  agentId: string;
  group: string;
  agentType: string;
  incarnations: number;
  recorded: number;
  /** Of all that its group recorded, from 0 to 1. */
  share: number;
  lost: number;
  /** What each agent of the group would have had if all had had the same, from 0 to 1. */
  evenShare: number;
}

/** Recorded results and work in flight over time, with the acts. */
export function loadOf({ measurement, acts, originMs }: Facts): LoadData {
  return {
    points: evenly(measurement.throughput.series, DRAWN_POINTS).map((point) => ({
      ...point,
      atMs: point.atMs - originMs,
    })),
    strikes: evenly(acts, DRAWN_STRIKES).map(({ act }) => ({ atMs: act.atMs - originMs, label: act.agentId })),
  };
}

/** What each agent did, group by group; within a group by name. */
export function agentLoads({ measurement }: Facts): AgentLoad[] {
  return measurement.groups.flatMap(({ group, agentType, consumers }) => {
    const agents = [...Map.groupBy(consumers, ({ agentId }) => agentId)].sort(([one], [other]) =>
      one.localeCompare(other, "en", { numeric: true }),
    );
    return agents.map(([agentId, lives]) => ({
      agentId,
      group,
      agentType,
      incarnations: lives.length,
      recorded: sum(lives.map(({ recorded }) => recorded)),
      share: sum(lives.map(({ share }) => share)),
      lost: sum(lives.map(({ lost }) => lost)),
      evenShare: 1 / agents.length,
    }));
  });
}

/** The agents' shares as bars: of all if they are few, else of those that did most. */
export function sharesOf(facts: Facts, loads: readonly AgentLoad[]): BarsData {
  const busiest = new Set([...loads].sort((one, other) => other.recorded - one.recorded).slice(0, DRAWN_BARS));
  const bars = loads
    .filter((load) => busiest.has(load))
    .map((load): NamedBar => ({
      name: shortened(load.agentId, NAME_CHARACTERS),
      colour: colourOf(facts, load.agentType),
      value: Math.round(load.share * 1000) / 10,
      mark: Math.round(load.evenShare * 1000) / 10,
      label: percent(load.share),
      lines: [
        load.agentId,
        `${count(load.recorded, "result")} recorded, ${percent(load.share)} of ${load.group}`,
        `${count(load.lost, "delivery", "deliveries")} lost with it`,
        count(load.incarnations, "incarnation"),
      ],
    }));
  return { bars, references: [], unit: "%" };
}

/** Memory of each process as bars: the hungriest if there are many. */
export function memoryOf(facts: Facts): BarsData {
  const { processes, targets } = facts.measurement;
  const bars = [...processes]
    .sort((one, other) => other.rssMedianBytes - one.rssMedianBytes)
    .slice(0, DRAWN_BARS)
    .map(({ name, service, rssMedianBytes, rssPeakBytes, cpuSeconds }): NamedBar => ({
      name: shortened(name, NAME_CHARACTERS),
      colour: null,
      value: megabytes(rssMedianBytes),
      mark: megabytes(rssPeakBytes),
      label: `${megabytes(rssMedianBytes)} MB`,
      lines: [
        `${name} (${service})`,
        `median ${megabytes(rssMedianBytes)} MB, peak ${megabytes(rssPeakBytes)} MB`,
        `${number(cpuSeconds)} s of processor time`,
      ],
    }));
  return { bars, references: memoryReferences(targets), unit: "MB" };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
