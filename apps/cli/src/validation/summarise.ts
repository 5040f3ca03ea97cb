import { availableParallelism, totalmem } from "node:os";
import { VALIDATION_RESULTS_VERSION, type CheckResult, type ValidationResults } from "./validation-results.js";

/** A run of checks that is over. */
export interface Run {
  checks: CheckResult[];
  quick: boolean;
  interrupted: boolean;
  startedAt: Date;
  /** Milliseconds. */
  durationMs: number;
}

/** Puts the results of a run together, and decides whether it passed. */
export function summarise({ checks, quick, interrupted, startedAt, durationMs }: Run): ValidationResults {
  const totals = totalsOf(checks);
  return {
    version: VALIDATION_RESULTS_VERSION,
    // A run that looked at nothing proves nothing.
    passed: totals.failedNeeded === 0 && totals.held > 0 && !interrupted,
    mode: quick ? "quick" : "full",
    interrupted,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(durationMs),
    environment: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cores: availableParallelism(),
      memoryBytes: totalmem(),
    },
    totals,
    checks,
  };
}

function totalsOf(checks: CheckResult[]): ValidationResults["totals"] {
  const failed = checks.filter(({ state }) => state === "failed");
  return {
    held: checks.filter(({ state }) => state === "held").length,
    failedNeeded: failed.filter(({ severity }) => severity === "needed").length,
    failedAdvised: failed.filter(({ severity }) => severity === "advised").length,
    skipped: checks.filter(({ state }) => state === "skipped").length,
  };
}
