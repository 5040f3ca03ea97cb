/**
 * Runs checks over a running hive, one after the other: they load it and strike it, and would spoil each other's figures.
 * What each looks at and how it judges is the checks' affair; starting and stopping the hive the caller's.
 */
import { agentTypesIn } from "./agents.js";
import type { Bench, Check, Finding, ValidationContext } from "./check.js";
import { environmentChecks } from "./checks/environment.js";
import { checksFor } from "./checks/index.js";
import { MeasuredRun, UnmeasuredRun } from "./measured-run.js";
import { StoreProbes } from "./store-probes.js";
import { summarise } from "./summarise.js";
import { toMessage } from "./to-message.js";
import type { CheckResult, ValidationResults } from "./validation-results.js";

export interface RunOptions {
  /** Fewer kills, no freezes, a smaller burst: about 15 s instead of a minute or two. Default false. */
  quick?: boolean;
  /** Ends the run; checks that were not made are skipped. */
  signal?: AbortSignal;
  /** Shows what is going on, one line. */
  tell?: (line: string) => void;
  /** Default: all checks for the agent types of the hive. */
  checks?: readonly Check[];
  /** Told of every check as it begins and as it ends. */
  observer?: CheckObserver;
}

/** Follows a run of checks. */
export interface CheckObserver {
  began(check: Check): void;
  ended(result: CheckResult): void;
}

export const INTERRUPTED = "The run was interrupted before.";
const NO_HIVE = "There is no hive to check.";

/** Runs the checks; whatever they find, and whatever does not answer, is in the results. */
export async function runChecks(context: ValidationContext, options: RunOptions = {}): Promise<ValidationResults> {
  const { quick = false, signal = new AbortController().signal, tell = () => undefined } = options;
  const startedAt = new Date();
  const began = performance.now();
  const checks = options.checks ?? checksFor(agentTypesIn(context.hive), { quick });
  const stores = StoreProbes.open(context.hive, context.keyPrefix);
  try {
    const measured = await MeasuredRun.begin(context.hive).catch(
      (error: unknown) => new UnmeasuredRun(toMessage(error)),
    );
    const bench: Bench = { ...context, stores, measured, quick, signal, tell };
    const results = await runAll(checks, bench, options.observer);
    const durationMs = performance.now() - began;
    return summarise({ checks: results, quick, interrupted: signal.aborted, startedAt, durationMs });
  } finally {
    await stores.close();
  }
}

async function runAll(checks: readonly Check[], bench: Bench, observer?: CheckObserver): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const interrupted = interruption(bench.signal);
  for (const check of checks) {
    observer?.began(check);
    const result = bench.signal.aborted ? skip(check, INTERRUPTED) : await runCheck(check, bench, interrupted);
    results.push(result);
    observer?.ended(result);
  }
  return results;
}

/** Where no hive could be started: looks at the machine, which may tell why, and leaves out the rest. */
export async function runWithoutHive(
  checks: readonly Check[],
  { signal, observer }: { signal: AbortSignal; observer: CheckObserver },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    observer.began(check);
    const hiveless = environmentChecks.find(({ id }) => id === check.id);
    const began = performance.now();
    const result =
      hiveless === undefined || signal.aborted
        ? skip(check, signal.aborted ? INTERRUPTED : NO_HIVE)
        : resultOf(check, await answerOf(check.id, () => hiveless.run()), performance.now() - began);
    results.push(result);
    observer.ended(result);
  }
  return results;
}

/** The result of a check that is not made. */
export function skip(check: Check, reason: string): CheckResult {
  return resultOf(check, { state: "skipped", reason }, 0);
}

/** The result of a check that ended so. */
export function resultOf({ id, title, severity, wanted }: Check, finding: Finding, durationMs: number): CheckResult {
  return { id, title, severity, wanted, durationMs: Math.round(durationMs), ...finding };
}

async function runCheck(check: Check, bench: Bench, interrupted: Promise<Finding>): Promise<CheckResult> {
  const began = performance.now();
  const finding = await Promise.race([answerOf(check.id, () => check.run(bench)), interrupted]);
  return resultOf(check, finding, performance.now() - began);
}

/** No answer is a failure, too. */
async function answerOf(id: string, ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    return {
      state: "failed",
      found: toMessage(error),
      remedy: `See what the services have logged meanwhile, then look again: hive validate --check ${id}`,
      figures: [],
    };
  }
}

/** What a check was doing when the run was interrupted proves nothing either way. */
function interruption(signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ state: "skipped", reason: INTERRUPTED });
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}
