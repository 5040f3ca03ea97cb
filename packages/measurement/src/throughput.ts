import { createKeys, ENGINES_GROUP, ROUTERS_GROUP } from "@agent-hive/contracts";
import type { Facts } from "./facts.js";
import type { Measurement } from "./measurement.js";
import type { GroupRecord, RunTotals, StepTotals } from "./records.js";
import { dispatchesOf, stepsOf } from "./totals.js";

type Throughput = Measurement["throughput"];

/**
 * What went through the hive in the window. A task costs three messages: its dispatch, its delivery, its result. Dispatches
 * and results travel in batches, so they are counted by PostgreSQL's records; deliveries by what the groups have read, or,
 * where that is not known, by the attempts dispatched to their type.
 */
export function throughputOf(facts: Facts, totals: RunTotals): Throughput {
  const { window } = facts.records;
  const seconds = (window.toMs - window.fromMs) / 1000;
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const streams = streamCounts(facts, totals).map(([stream, messages]) => ({
    stream,
    messages,
    perSecond: perSecond(messages),
  }));
  return {
    streams,
    messagesPerSecond: perSecond(streams.reduce((sum, { messages }) => sum + messages, 0)),
    tasksPerSecond: perSecond(sumOf(totals, "succeeded")),
    workflowsPerSecond: perSecond(totals.endedWithin),
    series: seriesOf(facts, totals),
  };
}

const sumOf = ({ steps }: RunTotals, name: keyof StepTotals): number =>
  steps.reduce((sum, step) => sum + step[name], 0);

function streamCounts(facts: Facts, totals: RunTotals): [stream: string, messages: number][] {
  const { groups } = facts.records;
  const keys = createKeys();
  const streamOf = (name: string): string | undefined => groups.find(({ group }) => group === name)?.stream;
  const dispatched = sumOf(totals, "dispatched");
  const shareOf = sharesByType(facts);
  return [
    [streamOf(ROUTERS_GROUP) ?? keys.dispatch, dispatched],
    ...groups
      .filter(({ agentType }) => agentType !== null)
      .map((group): [string, number] => [
        group.stream,
        readBy(group) ?? Math.round(dispatched * shareOf(group.agentType!)),
      ]),
    [streamOf(ENGINES_GROUP) ?? keys.results, sumOf(totals, "results")],
  ];
}

/** Of the attempts that were dispatched in the window, the part of each agent type; of a sample, an estimate of it. */
function sharesByType(facts: Facts): (agentType: string) => number {
  const { fromMs, toMs } = facts.records.window;
  const dispatched = dispatchesOf(facts).filter((each) => each.fromMs > fromMs && each.fromMs <= toMs);
  const byType = Map.groupBy(dispatched, ({ agentType }) => agentType);
  return (agentType) => (byType.get(agentType)?.length ?? 0) / Math.max(1, dispatched.length);
}

/** Null where it is not known, or where the stream was made anew meanwhile. */
function readBy({ readBefore, readAfter }: GroupRecord): number | null {
  return readBefore === null || readAfter === null || readAfter < readBefore ? null : readAfter - readBefore;
}

function seriesOf({ records }: Facts, { stepMs, steps }: RunTotals): Throughput["series"] {
  const { fromMs } = records.window;
  return stepsOf(records.window).ends.map((atMs, index) => {
    const { succeeded, inFlight } = steps[index]!;
    const seconds = (atMs - (fromMs + index * stepMs)) / 1000;
    return { atMs, recordedPerSecond: succeeded / seconds, inFlight };
  });
}
