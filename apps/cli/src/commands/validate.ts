import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT_SERVICES, type AgentType } from "@agent-hive/launcher";
import { prepareLaunch } from "../launch-settings.js";
import { print, printJson, tell } from "../terminal/print.js";
import { failed, held, type Check, type Finding, type ValidationContext } from "../validation/check.js";
import { CheckedHive } from "../validation/checked-hive.js";
import type { GivenStores } from "../validation/checked-stores.js";
import { checksFor } from "../validation/checks/index.js";
import { INTERRUPTED, resultOf, runChecks, runWithoutHive } from "../validation/run-checks.js";
import { summarise } from "../validation/summarise.js";
import { toMessage } from "../validation/to-message.js";
import type { ValidationResults } from "../validation/validation-results.js";
import { checkViewOf, type CheckView } from "../validation/view/check-view.js";
import { closingLines } from "../validation/view/words.js";

/** Options of `hive validate`. */
export interface ValidateOptions extends GivenStores {
  quick?: boolean;
  /** Ids of the checks to make. Default: all. */
  check?: string[];
  outputDir: string;
  json?: boolean;
  /** Prints nothing, but for what went wrong: something else is to be printed. */
  silent?: boolean;
}

const RESULTS_FILE = "validation_results.json";
const LOG_FILE = "validation.log";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The first check of all: the others need a hive. */
const START_OF_HIVE = {
  id: "hive-start",
  title: "PostgreSQL, Redis and all services start",
  severity: "needed",
  wanted: "every process ready",
} as const satisfies Partial<Check>;

/**
 * Starts a hive and checks it; the exit code is 0 if all needed checks hold, 1 if not, 130 if it was interrupted.
 *
 * @throws Error if a check is asked for that there is none of; SettingsError.
 */
export async function validate(options: ValidateOptions): Promise<number> {
  const checks = chosen(options);
  prepareLaunch(tell);
  mkdirSync(options.outputDir, { recursive: true });
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new Error("The validation was interrupted."));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  const view = checkViewOf([START_OF_HIVE, ...checks], { json: options.json || options.silent });
  const hive = new CheckedHive();
  try {
    const results = await checkHive({ hive, checks, options, view, signal: interruption.signal });
    await view.close();
    report(results, options);
    return results.interrupted ? 130 : results.passed ? 0 : 1;
  } finally {
    await view.close();
    await hive.stop();
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}

/** @throws Error naming the checks that there are. */
function chosen({ quick = false, check: ids }: ValidateOptions): Check[] {
  const all = checksFor(Object.keys(AGENT_SERVICES) as AgentType[], { quick });
  const unknown = ids?.filter((id) => !all.some((check) => check.id === id)) ?? [];
  if (unknown.length > 0) {
    const known = all.map(({ id }) => id).join(", ");
    throw new Error(`There is no check "${unknown.join('", "')}"${quick ? " in a quick run" : ""}. Known: ${known}.`);
  }
  return ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
}

interface Validation {
  hive: CheckedHive;
  checks: Check[];
  options: ValidateOptions;
  view: CheckView;
  signal: AbortSignal;
}

async function checkHive({ hive, checks, options, view, signal }: Validation): Promise<ValidationResults> {
  const { quick = false } = options;
  const startedAt = new Date();
  const began = performance.now();
  const check: Check = { ...START_OF_HIVE, run: async () => held("ready") };
  view.began(check);
  const { finding, context } = await start({ hive, options, view, signal });
  const first = resultOf(check, finding, performance.now() - began);
  view.ended(first);
  const rest = context
    ? (await runChecks(context, { quick, signal, checks, observer: view, tell: (line) => view.tell(line) })).checks
    : await runWithoutHive(checks, { signal, observer: view, addresses: hive.addresses });
  const durationMs = performance.now() - began;
  return summarise({ checks: [first, ...rest], quick, interrupted: signal.aborted, startedAt, durationMs });
}

async function start({
  hive,
  options,
  view,
  signal,
}: Omit<Validation, "checks">): Promise<{ finding: Finding; context?: ValidationContext }> {
  const logFile = join(options.outputDir, LOG_FILE);
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    const context = await Promise.race([hive.start(options, logFile, (line) => view.tell(line)), interrupted]);
    if (context === undefined) return { finding: { state: "skipped", reason: INTERRUPTED } };
    return { finding: held(`${context.hive.supervisor.list().length} services are ready`), context };
  } catch (error) {
    return { finding: failed(toMessage(error), "The message names what did not start, and what it said last.") };
  }
}

function report(results: ValidationResults, { outputDir, json, silent }: ValidateOptions): void {
  const file = join(outputDir, RESULTS_FILE);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  if (json) return printJson(results);
  // Whoever prints something else still hears why there is none of it.
  const show = silent ? tell : print;
  if (silent && results.passed) return;
  show("");
  for (const line of closingLines(results)) show(line);
  show(`Results: ${file}`);
}
