import type { Act, Distribution, Recovery } from "@agent-hive/measurement";
import type { RecoveryBar, RecoverySpread } from "../charts/chart-data.js";
import { duration, shortened } from "../html/format.js";
import type { Facts } from "./facts.js";
import { recoveryReferences } from "./references.js";
import { evenly } from "./sample.js";

/** Most recoveries that are drawn in their parts, the slowest; and most dots of a distribution. */
export const DRAWN_RECOVERIES = 30;
const DRAWN_DOTS = 500;
const NAME_CHARACTERS = 34;

const KINDS: readonly { kind: Act["kind"]; title: string }[] = [
  { kind: "crash", title: "killed" },
  { kind: "freeze", title: "frozen" },
  { kind: "isolate", title: "cut off" },
];

/** How the times until a task ran elsewhere lie, for each kind of act that happened. */
export function spreadsOf({ measurement }: Facts): RecoverySpread[] {
  const { recoveries, recoveryMs, targets } = measurement;
  return KINDS.flatMap(({ kind, title }) => {
    const times = recoveries.filter((each) => each.kind === kind && each.runningMs !== null);
    if (times.length === 0) return [];
    const { p50, p99 }: Distribution = recoveryMs[kind];
    const dots = evenly(times.sort(byRunning), DRAWN_DOTS).map((recovery) => ({
      ms: recovery.runningMs ?? 0,
      lines: describe(recovery),
    }));
    return [{ kind, title, dots, p50, p99, references: recoveryReferences(targets, kind) }];
  });
}

/** The slowest recoveries, each in its parts, the earliest act first. */
export function recoveryBarsOf({ measurement }: Facts): RecoveryBar[] {
  return [...measurement.recoveries]
    .sort(byRunning)
    .slice(-DRAWN_RECOVERIES)
    .sort((one, other) => one.atMs - other.atMs)
    .map((recovery) => ({
      name: shortened(`${recovery.agentId} · ${recovery.taskId}`, NAME_CHARACTERS),
      parts: partsOf(recovery),
      lines: describe(recovery),
    }));
}

/**
 * How long each part of a recovery took, in milliseconds: until noticed, from there until claimed, until running, until
 * recorded. A part whose end is not known counts into the next one; hints that came out of order count as nothing.
 */
export function partsOf({ noticedMs, claimedMs, runningMs, recordedMs }: Recovery): RecoveryBar["parts"] {
  let reached = 0;
  const partUntil = (end: number | null): number => {
    const part = end === null ? 0 : Math.max(0, end - reached);
    reached += part;
    return part;
  };
  // Claimed is a hint from events and may be told after the start that PostgreSQL recorded: it cannot outlast it.
  const capped = (end: number | null): number | null =>
    end === null || runningMs === null ? end : Math.min(end, runningMs);
  return [partUntil(capped(noticedMs)), partUntil(capped(claimedMs)), partUntil(runningMs), partUntil(recordedMs)];
}

function describe(recovery: Recovery): string[] {
  const { agentId, taskId, attempt, recoveredBy } = recovery;
  const step = (name: string, ms: number | null): string => `${name} after ${duration(ms)}`;
  return [
    `${agentId} held ${taskId}, attempt ${attempt}`,
    step("noticed", recovery.noticedMs),
    step("claimed", recovery.claimedMs),
    step(`running on ${recoveredBy ?? "nobody known"}`, recovery.runningMs),
    step("recorded", recovery.recordedMs),
  ];
}

/** Those that never ran elsewhere took longest. */
function byRunning(one: Recovery, other: Recovery): number {
  const [a, b] = [one.runningMs ?? Infinity, other.runningMs ?? Infinity];
  return a === b ? 0 : a - b;
}
