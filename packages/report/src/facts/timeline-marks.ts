import type { Recovery } from "@agent-hive/measurement";
import type { TimelineMark } from "../charts/chart-data.js";
import { duration } from "../html/format.js";
import { agentOf, anchorOfTask, LISTED_RECOVERIES, ownFirst, type Facts } from "./facts.js";

/** A mark whose row is not known yet. */
export interface PlacedMark extends Omit<TimelineMark, "row"> {
  agent: string;
}

/** Most marks of each sort. */
const DRAWN_MARKS = LISTED_RECOVERIES;

const STRUCK = { crash: "was killed", freeze: "was frozen", isolate: "was cut off" } as const;

/** Where processes were struck, where their work was claimed, and where late results were refused. */
export function marksOf(facts: Facts): PlacedMark[] {
  return [...strikeMarks(facts), ...claimMarks(facts), ...fencedMarks(facts)];
}

function strikeMarks(facts: Facts): PlacedMark[] {
  const { acts, originMs } = facts;
  return ownFirst(facts, acts, DRAWN_MARKS, ({ act }) => act.held).map(
    ({ act: { agentId, kind, atMs, held }, anchor }) => ({
      agent: agentId,
      atMs: atMs - originMs,
      kind,
      lines: [
        `${agentId} ${STRUCK[kind]} at ${duration(atMs - originMs)}`,
        ...held.map(({ taskId }) => `it held ${taskId}`),
      ],
      anchor,
    }),
  );
}

function claimMarks(facts: Facts): PlacedMark[] {
  return ownFirst(facts, facts.measurement.recoveries.filter(isClaimed), DRAWN_MARKS, (each) => [each]).map(
    (recovery) => ({
      agent: recovery.recoveredBy,
      atMs: recovery.atMs + recovery.claimedMs - facts.originMs,
      kind: "claim",
      lines: [
        `${recovery.recoveredBy} claimed ${recovery.taskId}`,
        `${duration(recovery.claimedMs)} after ${recovery.agentId} ${STRUCK[recovery.kind]}`,
      ],
      task: anchorOfTask(facts, recovery),
    }),
  );
}

function isClaimed(recovery: Recovery): recovery is Recovery & { claimedMs: number; recoveredBy: string } {
  return recovery.claimedMs !== null && recovery.recoveredBy !== null;
}

function fencedMarks(facts: Facts): PlacedMark[] {
  const fenced = facts.measurement.attempts.filter(({ outcome }) => outcome === "fenced");
  return ownFirst(facts, fenced, DRAWN_MARKS, (each) => [each]).flatMap((attempt) => {
    const agent = agentOf(facts, attempt);
    if (agent === undefined) return [];
    const atMs = attempt.recordedAtMs - facts.originMs;
    return [
      {
        agent,
        atMs,
        kind: "fenced" as const,
        lines: [`late result of ${agent} for ${attempt.taskId}: refused`, `at ${duration(atMs)}`],
        anchor: facts.listedAttempts.find((listed) => listed.attempt === attempt)?.anchor,
        task: anchorOfTask(facts, attempt),
      },
    ];
  });
}
