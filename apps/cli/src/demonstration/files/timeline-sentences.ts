import type { Act, Recovery } from "@agent-hive/measurement";
import { duration } from "../../terminal/print.js";
import { FAULT_WORDS } from "../criteria.js";

/** What can come of an act, in the order in which it does. */
export const STEPS = ["noticed", "claimed", "running", "recorded", "late result fenced"] as const;

/** What an act is, and what its process is found to be, in words. */
const WORDS: Readonly<Record<Act["kind"], { noun: string; state: string }>> = {
  crash: { noun: "kill", state: "dead" },
  freeze: { noun: "freeze", state: "frozen" },
  isolate: { noun: "cut", state: "unreachable" },
};

/** What was done to whom, and what it held: as told, and as followed up. */
export function sentenceOfAct(act: Act, recoveries: readonly Recovery[]): string {
  const held = [...new Set([...act.held, ...recoveries].map(({ taskId, attempt }) => nameOf(taskId, attempt)))];
  const work = held.length === 0 ? "no task" : held.join(" and ");
  const followed = held.length > 0 && recoveries.length === 0 ? "; there was nothing to recover" : "";
  return `${act.agentId} was ${FAULT_WORDS[act.kind]} while it held ${work}${followed}.`;
}

const nameOf = (taskId: string, attempt: number): string => `"${taskId}" (attempt ${attempt})`;

/** One step on the way from an act to the recorded result. */
export function sentenceOfStep(step: (typeof STEPS)[number], recovery: Recovery, sinceActMs: number | null): string {
  const { agentId, taskId, kind } = recovery;
  const { noun, state } = WORDS[kind];
  const when = sinceActMs === null ? `at some time after the ${noun}` : `${duration(sinceActMs)} after the ${noun}`;
  switch (step) {
    case "noticed":
      return `${agentId} was found ${state} ${when}.`;
    case "claimed":
      return `Another process claimed "${taskId}" ${when}.`;
    case "running":
      return `"${taskId}" ran on ${hostOf(recovery)} ${when}.`;
    case "recorded":
      return `The result of "${taskId}" was recorded ${when}.`;
    case "late result fenced":
      return `A late result of ${agentId} for "${taskId}" was refused ${when}.`;
  }
}

function hostOf({ agentId, recoveredBy }: Recovery): string {
  if (recoveredBy === null) return "another process";
  return recoveredBy === agentId ? `${agentId}, started anew,` : recoveredBy;
}
