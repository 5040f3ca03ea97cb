import { cpus, totalmem } from "node:os";
import type { Criterion } from "./criteria.js";
import { PHASES } from "./phases.js";
import { percentile } from "./recoveries.js";
import type { Stage } from "./stage.js";

/** How a phase went. */
export interface PhaseResult {
  title: string;
  ms: number;
  /** Its last word. */
  told: string;
  error: string | null;
}

/** What `demonstration_results.json` holds. Times are milliseconds, memory is bytes. */
export function resultsOf(run: {
  stage: Partial<Stage>;
  phases: PhaseResult[];
  criteria: Criterion[];
  seed: number;
  seconds: number;
}) {
  const { stage, phases, criteria, seed, seconds } = run;
  const recoveries = stage.recoveries ?? [];
  const crashes = recoveries.flatMap(({ act, runningMs }) =>
    act === "crash" && runningMs !== null ? [runningMs] : [],
  );
  return {
    version: 1,
    passed: phases.length === PHASES.length && criteria.length > 0 && criteria.every(({ met }) => met),
    seed,
    seconds,
    environment: { node: process.version, platform: process.platform, cores: cpus().length, memoryBytes: totalmem() },
    phases,
    criteria,
    workflow: stage.workflow ?? null,
    tasks: stage.tasks ?? [],
    attempts: stage.attempts ?? [],
    recoveries,
    recoveryMs: { crashP50: percentile(crashes, 0.5), crashMax: percentile(crashes, 1) },
    events: stage.recorder?.events ?? [],
    makespanMs: stage.makespanMs ?? null,
    refusedResults: stage.refusedResults ?? 0,
    applicationProblems: stage.applicationProblems ?? null,
    memory: stage.memory ?? [],
  };
}
