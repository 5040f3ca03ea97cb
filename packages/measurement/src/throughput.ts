import { createKeys, ENGINES_GROUP, ROUTERS_GROUP } from "@agent-hive/contracts";
import type { Facts } from "./facts.js";
import type { Measurement } from "./measurement.js";
import type { AttemptRecord, GroupRecord } from "./records.js";
import { countsAt, type Span } from "./spans.js";

type Throughput = Measurement["throughput"];

/** A longer run is told in longer steps, of whole seconds. */
const MOST_POINTS = 1_000;

/**
 * What went through the hive in the window. A task costs three messages: its dispatch, its delivery, its result. Dispatches
 * and results travel in batches, so they are counted by PostgreSQL's records; deliveries by what the groups have read, or,
 * where that is not known, by the attempts dispatched to their type.
 */
export function throughputOf(facts: Facts): Throughput {
  const { records } = facts;
  const seconds = (records.window.toMs - records.window.fromMs) / 1000;
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const streams = streamCounts(facts).map(([stream, messages]) => ({
    stream,
    messages,
    perSecond: perSecond(messages),
  }));
  const isWithin = within(records.window);
  const succeeded = records.attempts.filter((end) => isSuccess(end) && isWithin(end.recordedAtMs));
  const finished = records.workflows.filter(({ finishedAtMs }) => finishedAtMs !== null && isWithin(finishedAtMs));
  return {
    streams,
    messagesPerSecond: perSecond(streams.reduce((sum, { messages }) => sum + messages, 0)),
    tasksPerSecond: perSecond(succeeded.length),
    workflowsPerSecond: perSecond(finished.length),
    series: seriesOf(facts),
  };
}

const within =
  ({ fromMs, toMs }: Span) =>
  (atMs: number): boolean =>
    atMs >= fromMs && atMs <= toMs;

const isSuccess = ({ delivery, outcome }: AttemptRecord): boolean => delivery === "" && outcome === "succeeded";

function streamCounts(facts: Facts): [stream: string, messages: number][] {
  const { records } = facts;
  const isWithin = within(records.window);
  const dispatched = dispatches(facts).filter(({ atMs }) => isWithin(atMs));
  const results = records.attempts.filter((each) => each.incarnation !== null && isWithin(each.recordedAtMs)).length;
  const byType = Map.groupBy(dispatched, ({ agentType }) => agentType);
  const keys = createKeys();
  return [
    [records.groups.find(({ group }) => group === ROUTERS_GROUP)?.stream ?? keys.dispatch, dispatched.length],
    ...records.groups
      .filter(({ agentType }) => agentType !== null)
      .map((group): [string, number] => [group.stream, readBy(group) ?? byType.get(group.agentType!)?.length ?? 0]),
    [records.groups.find(({ group }) => group === ENGINES_GROUP)?.stream ?? keys.results, results],
  ];
}

/** Null where it is not known, or where the stream was made anew meanwhile. */
function readBy({ readBefore, readAfter }: GroupRecord): number | null {
  return readBefore === null || readAfter === null || readAfter < readBefore ? null : readAfter - readBefore;
}

/** Every attempt that was dispatched: those that have ended, and those that are under way. */
function dispatches({ tasks }: Facts): { atMs: number; agentType: string; untilMs: number | null }[] {
  return tasks.flatMap(({ task, ends }) => {
    const { agentType, state, dispatchedAtMs } = task;
    const over = ends.flatMap(({ dispatchedAtMs: atMs, recordedAtMs: untilMs }) =>
      atMs === null ? [] : [{ atMs, agentType, untilMs }],
    );
    const isUnderWay = state === "dispatched" && dispatchedAtMs !== null;
    return isUnderWay ? [...over, { atMs: dispatchedAtMs, agentType, untilMs: null }] : over;
  });
}

/** Second by second: the rate of recorded successes, and how many attempts were dispatched and not yet recorded. */
function seriesOf(facts: Facts): Throughput["series"] {
  const { window, attempts } = facts.records;
  const stepMs = 1000 * Math.max(1, Math.ceil((window.toMs - window.fromMs) / 1000 / MOST_POINTS));
  const steps = Math.max(0, Math.ceil((window.toMs - window.fromMs) / stepMs));
  const times = Array.from({ length: steps }, (_, index) =>
    Math.min(window.toMs, window.fromMs + (index + 1) * stepMs),
  );
  const recorded = new Array<number>(steps).fill(0);
  for (const end of attempts) {
    const step = Math.ceil((end.recordedAtMs - window.fromMs) / stepMs) - 1;
    if (isSuccess(end) && step >= 0 && step < steps) recorded[step]!++;
  }
  const spans = dispatches(facts).map(({ atMs, untilMs }) => ({ fromMs: atMs, toMs: untilMs ?? Infinity }));
  return countsAt(spans, times).map((inFlight, index) => {
    const lastedMs = times[index]! - (window.fromMs + index * stepMs);
    return { atMs: times[index]!, recordedPerSecond: recorded[index]! / (lastedMs / 1000), inFlight };
  });
}
