import type { Measurement, Recovery } from "@agent-hive/measurement";

/** Longest that a task may be without a process after a kill, and after a freeze, in milliseconds. */
const RECOVERY_LIMITS_MS = { crash: 1500, freeze: 2500 } as const;
type Fault = keyof typeof RECOVERY_LIMITS_MS;

/** What the demonstration is judged by. */
export interface Evidence {
  phasesDone: number;
  phases: number;
  /** The demonstrated one. */
  workflowId: string;
  /** What the metrics validator made of the run: by nobody who is judged. */
  measurement: Measurement;
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

function ranInParallel({ measurement }: Evidence): Criterion {
  const { mostRunning } = measurement.concurrency;
  return { name: "independent tasks ran in parallel", met: mostRunning >= 2, found: `up to ${mostRunning} at once` };
}

function groupsSharedLoad({ measurement: { attempts } }: Evidence): Criterion {
  const types = [...new Set(attempts.map(({ agentType }) => agentType))];
  const shared = types.filter((type) => consumersOf(attempts, type).size >= 2);
  return {
    name: "groups shared the load",
    met: types.length > 0 && shared.length === types.length,
    found: `${shared.length} of ${types.length} groups had two or more consumers at work`,
  };
}

function consumersOf(attempts: Measurement["attempts"], agentType: string): Set<string | null> {
  return new Set(attempts.filter((attempt) => attempt.agentType === agentType).map(({ incarnation }) => incarnation));
}

function completedDespiteCrashes({
  measurement: { workflows, recoveries },
  workflowId,
  plannedFaults,
  applicationProblems,
}: Evidence): Criterion {
  const state = workflows.find(({ id }) => id === workflowId)?.state ?? "unknown";
  const application = applicationProblems.length === 0 ? "what it built works" : applicationProblems.join("; ");
  return {
    name: "crashes did not prevent completion",
    met: state === "succeeded" && recoveries.length === plannedFaults && applicationProblems.length === 0,
    found: `workflow ${state}; ${recoveries.length} of ${plannedFaults} faults bit; ${application}`,
  };
}

function recoveredInTime({ measurement: { recoveries } }: Evidence): Criterion {
  const runningMs = (kind: Fault): number[] =>
    recoveries.filter((recovery) => recovery.kind === kind).map((recovery) => recovery.runningMs ?? Infinity);
  const slowest = (kind: Fault): number => Math.max(0, ...runningMs(kind));
  const kinds = Object.keys(RECOVERY_LIMITS_MS) as Fault[];
  const told = kinds.map(
    (kind) => `${kind}: slowest ${milliseconds(slowest(kind))} (limit ${RECOVERY_LIMITS_MS[kind]} ms)`,
  );
  return {
    name: "running elsewhere in time",
    met: recoveries.length > 0 && kinds.every((kind) => slowest(kind) <= RECOVERY_LIMITS_MS[kind]),
    found: told.join("; "),
  };
}

const milliseconds = (value: number): string => (value === Infinity ? "never" : `${Math.round(value)} ms`);

function nothingLostOrDoubled({ measurement: { tasks, attempts, invariants } }: Evidence): Criterion {
  const recorded = (taskId: string, workflowId: string): number =>
    attempts.filter(
      (attempt) => attempt.taskId === taskId && attempt.workflowId === workflowId && attempt.outcome === "succeeded",
    ).length;
  const once = tasks.filter(
    ({ taskId, workflowId, state }) => state === "succeeded" && recorded(taskId, workflowId) === 1,
  );
  const holds = (id: string): boolean => invariants.some((invariant) => invariant.id === id && invariant.holds);
  return {
    name: "nothing lost, nothing recorded twice",
    met: tasks.length > 0 && once.length === tasks.length && holds("I1") && holds("I2"),
    found: `${once.length} of ${tasks.length} tasks recorded exactly once`,
  };
}

function stableUnderFailure({ refusedResults, frozen, measurement: { attempts, invariants } }: Evidence): Criterion {
  const failed = attempts.filter(
    ({ outcome }) => outcome === "failed" || outcome === "timed-out" || outcome === "dead-letter",
  );
  const unproven = invariants.filter(({ holds }) => !holds);
  const ids = (of: typeof unproven): string => (of.length === 0 ? "none" : of.map(({ id }) => id).join(", "));
  const unseen = unproven.filter(({ checked }) => checked === 0);
  return {
    name: "stable under failure",
    met: failed.length === 0 && refusedResults >= frozen && invariants.length > 0 && unproven.length === 0,
    found:
      `attempts failed: ${failed.length}; late results refused: ${refusedResults}, of frozen processes: ${frozen}; ` +
      `invariants broken: ${ids(unproven.filter(({ checked }) => checked > 0))} of ${invariants.length}` +
      (unseen.length === 0 ? "" : `, without a fact to judge by: ${ids(unseen)}`),
  };
}

function targetsMet({ measurement: { targets } }: Evidence): Criterion {
  const measured = targets.filter(({ verdict }) => verdict !== "not measured");
  const missed = measured.filter(({ verdict }) => verdict === "missed");
  const aims = measured.filter(({ verdict }) => verdict === "aim met").length;
  const names = missed.map(
    ({ name, measured: value, unit, floor }) => `${name} ${Math.round(value! * 10) / 10} ${unit} (floor ${floor})`,
  );
  return {
    name: "targets met",
    met: measured.length > 0 && missed.length === 0,
    found:
      missed.length === 0
        ? `all floors of ${measured.length} targets, ${aims} aims; ${targets.length - measured.length} need sustained load`
        : `missed: ${names.join("; ")}`,
  };
}

/** What a person calls it. */
export const FAULT_WORDS: Record<Recovery["kind"], string> = {
  crash: "killed",
  freeze: "frozen",
  isolate: "cut off",
};
