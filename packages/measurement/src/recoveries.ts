import type { HiveEvent } from "@agent-hive/contracts";
import { historyOf, type Facts, type TaskFacts } from "./facts.js";
import type { Act, Recovery } from "./measurement.js";
import type { VerdictRecord } from "./records.js";

type Held = Act["held"][number];

/** What else is told of a task and of a process that held it, by a key of both; refusals by the task's alone. */
interface Told {
  verdicts: ReadonlyMap<string, VerdictRecord[]>;
  claims: ReadonlyMap<string, HiveEvent[]>;
  refusals: ReadonlyMap<string, HiveEvent[]>;
}

const keyOf = (...parts: (string | undefined)[]): string => parts.join(" ");

/**
 * Follows each act to what became of the tasks that its process held: those named by whoever acted, and those that the
 * history says were lost with it. A task whose result was already on its way is left out: there was nothing to recover.
 */
export function recoveriesOf(facts: Facts): Recovery[] {
  const told = toldOf(facts);
  const lost = lostDeliveries(facts);
  return facts.records.acts.flatMap((act) =>
    heldBy(act, lost).flatMap((held) => {
      const task = facts.taskNamed(held.workflowId, held.taskId);
      if (task === undefined || wasOnItsWay(task, act, held)) return [];
      return [recoveryOf(act, held, task, told, facts.records.clockToleranceMs)];
    }),
  );
}

function toldOf({ records }: Facts): Told {
  const claimed = records.events.filter(({ type }) => type === "delivery.claimed");
  const refused = records.events.filter(({ type }) => type === "task.fenced");
  return {
    verdicts: Map.groupBy(records.verdicts, ({ incarnation }) => incarnation),
    claims: Map.groupBy(claimed, ({ workflowId, taskId, data }) => keyOf(workflowId, taskId, holderIn(data))),
    refusals: Map.groupBy(refused, ({ workflowId, taskId }) => keyOf(workflowId, taskId)),
  };
}

/** Who held an entry before it was claimed. */
const holderIn = (data: HiveEvent["data"]): string | undefined =>
  typeof data?.["from"] === "string" ? data["from"] : undefined;

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

function recoveryOf(act: Act, held: Held, task: TaskFacts, told: Told, toleranceMs: number): Recovery {
  const { held: _, ...struck } = act;
  const { incarnation } = act;
  const key = keyOf(held.workflowId, held.taskId, incarnation);
  const fromMs = act.atMs - toleranceMs;
  const since = (atMs: number | null | undefined): number | null =>
    atMs === null || atMs === undefined ? null : Math.max(0, atMs - act.atMs);
  const verdict = told.verdicts.get(incarnation)?.find(({ atMs }) => atMs >= fromMs);
  const claim = told.claims.get(key)?.find(({ at }) => Date.parse(at) >= fromMs);
  const elsewhere = firstStartElsewhere(task, incarnation, fromMs);
  return {
    ...struck,
    ...held,
    noticedMs: since(verdict?.atMs),
    claimedMs: since(claim && Date.parse(claim.at)),
    runningMs: since(elsewhere?.startedAtMs),
    recordedMs: since(firstEndElsewhere(task, incarnation, fromMs)?.recordedAtMs),
    recoveredBy: elsewhere?.agentId ?? null,
    // Most late results are refused by Redis already, of which only events tell.
    fenced: Math.max(fencedOf(task, incarnation), refusalsTold(act, held, told, fromMs)),
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

const fencedOf = ({ deliveries }: TaskFacts, incarnation: string): number =>
  deliveries.filter((each) => each.outcome === "fenced" && each.incarnation === incarnation).length;

/** A process that was given up wakes as another incarnation, and tells of the refusal as that: its agent's name is the same. */
const refusalsTold = ({ incarnation, agentId }: Act, held: Held, { refusals }: Told, fromMs: number): number =>
  (refusals.get(keyOf(held.workflowId, held.taskId)) ?? []).filter(
    (event) =>
      (event.incarnation === incarnation || (event.agentId === agentId && event.attempt === held.attempt)) &&
      Date.parse(event.at) >= fromMs,
  ).length;
