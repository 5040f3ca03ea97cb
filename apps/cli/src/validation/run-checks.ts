/**
 * Runs checks over a running hive, one after the other: they load it and strike it, and would spoil each other's figures.
 * What each looks at and how it judges is the checks' affair; starting and stopping the hive the caller's.
 */
import { agentTypesIn } from "./agents.js";
import type { Bench, Check, Finding, ValidationContext } from "./check.js";
import { environmentChecks } from "./checks/environment.js";
import { checksFor } from "./checks/index.js";
import { storeChecks } from "./checks/stores.js";
import { MeasuredRun, UnmeasuredRun } from "./measured-run.js";
import { StoreProbes, type StoreAddresses } from "./store-probes.js";
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
  const { databaseUrl, redisUrl } = context.hive;
  const stores = StoreProbes.open({ databaseUrl, redisUrl, keyPrefix: context.keyPrefix });
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
    const result = bench.signal.aborted
      ? skip(check, INTERRUPTED)
      : await timed(check, () => check.run(bench), interrupted);
    results.push(result);
    observer?.ended(result);
  }
  return results;
}

/**
 * Where no hive could be started: looks at the machine and at the stores, which may tell why, and leaves out the rest.
 *
 * @param options.addresses of the stores; undefined if these could not be started either.
 */
export async function runWithoutHive(
  checks: readonly Check[],
  options: { signal: AbortSignal; observer: CheckObserver; addresses: StoreAddresses | undefined },
): Promise<CheckResult[]> {
  const { signal, observer, addresses } = options;
  const stores = addresses && StoreProbes.open(addresses);
  const possible = [...environmentChecks, ...(stores ? storeChecks : [])];
  const interrupted = interruption(signal);
  const results: CheckResult[] = [];
  for (const check of checks) {
    observer.began(check);
    const hiveless = possible.find(({ id }) => id === check.id);
    const result =
      hiveless === undefined || signal.aborted
        ? skip(check, signal.aborted ? INTERRUPTED : NO_HIVE)
        : await timed(check, () => hiveless.run({ stores: stores! }), interrupted);
    results.push(result);
    observer.ended(result);
  }
  await stores?.close();
  return results;
}

/** The result of a check that is not made. */
export function skip(check: Check, reason: string): CheckResult {
  return resultOf(check, { state: "skipped", reason }, 0);
}

/** The result of a check that ended so. */
export function resultOf(
  { id, title, severity, wanted }: Omit<Check, "run">,
  finding: Finding,
  durationMs: number,
): CheckResult {
  return { id, title, severity, wanted, durationMs: Math.round(durationMs), ...finding };
}

async function timed(check: Check, look: () => Promise<Finding>, interrupted: Promise<Finding>): Promise<CheckResult> {
  const began = performance.now();
  const finding = await Promise.race([answerOf(check.id, look), interrupted]);
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
