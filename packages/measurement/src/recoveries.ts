import type { HiveEvent } from "@agent-hive/contracts";
import { historyOf, type Facts, type TaskFacts } from "./facts.js";
import type { Act, Recovery } from "./measurement.js";

type Held = Act["held"][number];

/**
 * Follows each act to what became of the tasks that its process held: those named by whoever acted, and those that the
 * history says were lost with it. A task whose result was already on its way is left out: there was nothing to recover.
 */
export function recoveriesOf(facts: Facts): Recovery[] {
  const { acts, events } = facts.records;
  const claims = Map.groupBy(
    events.filter(({ type }) => type === "delivery.claimed"),
    ({ workflowId, taskId }) => `${workflowId}:${taskId}`,
  );
  const lost = lostDeliveries(facts);
  return acts.flatMap((act) =>
    heldBy(act, lost).flatMap((held) => {
      const task = facts.taskNamed(held.workflowId, held.taskId);
      if (task === undefined || wasOnItsWay(task, act, held)) return [];
      return [recoveryOf(act, held, task, facts, claims.get(`${held.workflowId}:${held.taskId}`) ?? [])];
    }),
  );
}

/** By incarnation: the deliveries that are recorded as lost with it. */
function lostDeliveries({ tasks }: Facts): Map<string | null, Held[]> {
  const lost = tasks.flatMap(({ task, deliveries }) =>
    deliveries
      .filter(({ outcome }) => outcome === "crashed" || outcome === "frozen")
      .map(({ incarnation, attempt }) => ({ incarnation, held: { ...idOf(task), attempt } })),
  );
  const byIncarnation = Map.groupBy(lost, ({ incarnation }) => incarnation);
  return new Map([...byIncarnation].map(([incarnation, all]) => [incarnation, all.map(({ held }) => held)]));
}

const idOf = ({ workflowId, taskId }: TaskFacts["task"]): Omit<Held, "attempt"> => ({ workflowId, taskId });

function heldBy({ held, incarnation }: Act, lost: ReadonlyMap<string | null, Held[]>): Held[] {
  const all = [...held, ...(lost.get(incarnation) ?? [])];
  return [
    ...new Map(all.map((each): [string, Held] => [`${each.workflowId}:${each.taskId}:${each.attempt}`, each])).values(),
  ];
}

const wasOnItsWay = ({ ends }: TaskFacts, { incarnation }: Act, { attempt }: Held): boolean =>
  ends.some((end) => end.outcome === "succeeded" && end.incarnation === incarnation && end.attempt === attempt);

function recoveryOf(act: Act, held: Held, task: TaskFacts, facts: Facts, claims: HiveEvent[]): Recovery {
  const { held: _, ...struck } = act;
  const fromMs = act.atMs - facts.records.clockToleranceMs;
  const since = (atMs: number | null | undefined): number | null =>
    atMs === null || atMs === undefined ? null : Math.max(0, atMs - act.atMs);
  const verdict = facts.records.verdicts.find(
    ({ incarnation, atMs }) => incarnation === act.incarnation && atMs >= fromMs,
  );
  const claim = claims.find(({ data, at }) => data?.["from"] === act.incarnation && Date.parse(at) >= fromMs);
  const elsewhere = firstStartElsewhere(task, act.incarnation, fromMs);
  return {
    ...struck,
    ...held,
    noticedMs: since(verdict?.atMs),
    claimedMs: since(claim && Date.parse(claim.at)),
    runningMs: since(elsewhere?.startedAtMs),
    recordedMs: since(firstEndElsewhere(task, act.incarnation, fromMs)?.recordedAtMs),
    recoveredBy: elsewhere?.agentId ?? null,
    fenced: fencedOf(task, act.incarnation, facts.records.events),
  };
}

function firstStartElsewhere(task: TaskFacts, incarnation: string, fromMs: number) {
  return historyOf(task)
    .filter((run) => run.incarnation !== incarnation && run.startedAtMs !== null && run.startedAtMs >= fromMs)
    .reduce<TaskFacts["ends"][number] | undefined>(
      (first, run) => (first === undefined || run.startedAtMs! < first.startedAtMs! ? run : first),
      undefined,
    );
}

const firstEndElsewhere = ({ ends }: TaskFacts, incarnation: string, fromMs: number) =>
  ends.find((end) => end.startedAtMs !== null && end.incarnation !== incarnation && end.recordedAtMs >= fromMs);

/** Most late results are refused by Redis already, of which only events tell. */
function fencedOf({ task, deliveries }: TaskFacts, incarnation: string, events: readonly HiveEvent[]): number {
  const recorded = deliveries.filter((each) => each.outcome === "fenced" && each.incarnation === incarnation).length;
  const told = events.filter(
    (event) =>
      event.type === "task.fenced" &&
      event.workflowId === task.workflowId &&
      event.taskId === task.taskId &&
      event.incarnation === incarnation,
  ).length;
  return Math.max(recorded, told);
}
