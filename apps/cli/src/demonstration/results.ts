import { cpus, totalmem } from "node:os";
import type { Criterion } from "./criteria.js";
import { PHASES } from "./phases.js";
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
  return {
    version: 1,
    passed: phases.length === PHASES.length && criteria.length > 0 && criteria.every(({ met }) => met),
    seed,
    seconds,
    environment: { node: process.version, platform: process.platform, cores: cpus().length, memoryBytes: totalmem() },
    phases,
    criteria,
    workflow: stage.workflow ?? null,
    measurement: stage.measurement ?? null,
    events: stage.recorder?.events ?? [],
    refusedResults: stage.refusedResults ?? 0,
    applicationProblems: stage.applicationProblems ?? null,
  };
}
