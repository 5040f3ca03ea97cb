import type { AttemptView, TaskView, WorkflowView } from "@agent-hive/contracts";
import { percentile, type Recovery } from "./recoveries.js";

/** Longest that a task may be without a process after a kill, and after a freeze, in milliseconds. */
const RECOVERY_LIMITS_MS = { crash: 1500, freeze: 2500 } as const;

/** Median time from a kill until the task runs elsewhere, in milliseconds. */
const MEDIAN_RECOVERY_TARGET_MS = 300;

/** What the demonstration is judged by. */
export interface Evidence {
  phasesDone: number;
  phases: number;
  workflow: WorkflowView;
  tasks: TaskView[];
  attempts: AttemptView[];
  recoveries: Recovery[];
  /** Faults that were to bite. */
  plannedFaults: number;
  /** Late results that were refused, of processes that were frozen while they held one. */
  refusedResults: number;
  frozen: number;
  /** Problems met when the built application was started and used; empty if it works. */
  applicationProblems: string[];
}

/** One criterion with what was found. */
export interface Criterion {
  name: string;
  met: boolean;
  found: string;
}

/** The eight criteria that decide the demonstration's exit code. */
export function judge(evidence: Evidence): Criterion[] {
  return [
    allPhasesDone(evidence),
    ranInParallel(evidence),
    groupsSharedLoad(evidence),
    completedDespiteCrashes(evidence),
    recoveredInTime(evidence),
    nothingLostOrDoubled(evidence),
    stableUnderFailure(evidence),
    targetsMet(evidence),
  ];
}

function allPhasesDone({ phasesDone, phases }: Evidence): Criterion {
  return { name: "all phases done", met: phasesDone === phases, found: `${phasesDone} of ${phases}` };
}

/** Somewhere in time two deliveries were running; one that was lost with its process ran until that was recorded. */
function ranInParallel({ attempts }: Evidence): Criterion {
  const spans = attempts.flatMap(({ startedAt, finishedAt, recordedAt }) =>
    startedAt === null ? [] : [{ from: Date.parse(startedAt), to: Date.parse(finishedAt ?? recordedAt) }],
  );
  const most = Math.max(
    0,
    ...spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length),
  );
  return { name: "independent tasks ran in parallel", met: most >= 2, found: `up to ${most} at once` };
}

function groupsSharedLoad({ attempts, tasks }: Evidence): Criterion {
  const types = new Set(tasks.map(({ agentType }) => agentType));
  const shared = [...types].filter((type) => new Set(agentsOf(attempts, type)).size >= 2);
  return {
    name: "groups shared the load",
    met: shared.length === types.size,
    found: `${shared.length} of ${types.size} groups had two or more consumers at work`,
  };
}

function agentsOf(attempts: AttemptView[], agentType: string): (string | null)[] {
  return attempts.filter((attempt) => attempt.agentType === agentType).map(({ incarnation }) => incarnation);
}

function completedDespiteCrashes({ workflow, recoveries, plannedFaults, applicationProblems }: Evidence): Criterion {
  const application = applicationProblems.length === 0 ? "what it built works" : applicationProblems.join("; ");
  return {
    name: "crashes did not prevent completion",
    met: workflow.state === "succeeded" && recoveries.length === plannedFaults && applicationProblems.length === 0,
    found: `workflow ${workflow.state}; ${recoveries.length} of ${plannedFaults} faults bit; ${application}`,
  };
}

function recoveredInTime({ recoveries }: Evidence): Criterion {
  const late = recoveries.filter(({ act, runningMs }) => runningMs === null || runningMs > RECOVERY_LIMITS_MS[act]);
  const slowest = (act: Recovery["act"]): string => {
    const times = recoveries.filter((recovery) => recovery.act === act).map(({ runningMs }) => runningMs ?? Infinity);
    return `${act}: slowest ${milliseconds(Math.max(0, ...times))} (limit ${RECOVERY_LIMITS_MS[act]} ms)`;
  };
  return {
    name: "running elsewhere in time",
    met: late.length === 0,
    found: `${slowest("crash")}; ${slowest("freeze")}`,
  };
}

const milliseconds = (value: number): string => (value === Infinity ? "never" : `${Math.round(value)} ms`);

function nothingLostOrDoubled({ tasks, attempts }: Evidence): Criterion {
  const recorded = (taskId: string): number =>
    attempts.filter((attempt) => attempt.taskId === taskId && attempt.outcome === "succeeded").length;
  const wrong = tasks.filter(({ id, state }) => state !== "succeeded" || recorded(id) !== 1);
  const once = tasks.length - wrong.length;
  return {
    name: "nothing lost, nothing recorded twice",
    met: wrong.length === 0,
    found: `${once} of ${tasks.length} tasks recorded exactly once`,
  };
}

function stableUnderFailure({ refusedResults, frozen, attempts }: Evidence): Criterion {
  const failed = attempts.filter(
    ({ outcome }) => outcome === "failed" || outcome === "timed-out" || outcome === "dead-letter",
  );
  return {
    name: "stable under failure",
    met: failed.length === 0 && refusedResults >= frozen,
    found: `attempts failed: ${failed.length}; late results refused: ${refusedResults}, of frozen processes: ${frozen}`,
  };
}

function targetsMet({ recoveries }: Evidence): Criterion {
  const crashes = recoveries.flatMap(({ act, runningMs }) =>
    act === "crash" && runningMs !== null ? [runningMs] : [],
  );
  const median = percentile(crashes, 0.5);
  return {
    name: "targets met",
    met: median !== null && median <= MEDIAN_RECOVERY_TARGET_MS,
    found: `kill to running elsewhere: p50 ${median === null ? "unknown" : milliseconds(median)} (target ${MEDIAN_RECOVERY_TARGET_MS} ms)`,
  };
}
