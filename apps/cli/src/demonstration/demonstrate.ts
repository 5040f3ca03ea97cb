/**
 * The demonstration: eight phases in which eleven tasks build an application while the processes that work on them are
 * killed and frozen for real. What is judged is read from the engine's records, not from the demonstration's own hand.
 */
import { randomInt } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Listr } from "listr2";
import pc from "picocolors";
import { seededRandom } from "@agent-hive/chaos";
import type { Recovery } from "@agent-hive/measurement";
import { parseProductSpec, readExample } from "@agent-hive/product-spec";
import { RECORDING_FILE, RunRecording } from "../screen/recording.js";
import { duration, print, printJson, table, tell } from "../terminal/print.js";

import { prepareLaunch } from "../launch-settings.js";
import { describeEvent } from "../commands/watch.js";
import { validate } from "../commands/validate.js";
import { FAULT_WORDS, judge, type Criterion } from "./criteria.js";
import { environmentOf } from "./environment.js";
import { verdictOf, type DemonstrationOutcome } from "./files/outcome.js";
import type { PhaseResult } from "./files/parts.js";
import { FilesNotWrittenError, writeFiles } from "./files/write-files.js";
import { LOG_FILE, PHASES } from "./phases.js";
import { planFaults } from "./plan-faults.js";
import type { Phase, Stage } from "./stage.js";
import { writeReport } from "./write-report.js";
import { measurePerformance } from "../performance/measure-performance.js";
import type { Performance } from "../performance/performance.js";

/** Options of `hive demo`. */
export interface DemonstrationOptions {
  example: string;
  specification?: string;
  outputDir: string;
  seed?: number;
  verbose?: boolean;
  json?: boolean;
  /** Only the checks that come before. */
  validateOnly?: boolean;
  /** Without the checks. */
  demoOnly?: boolean;
  /** The hive of docker-compose.yml, in containers, in place of processes of this machine. */
  compose?: boolean;
  /** Fewer of them. With the demonstration they are always quick. */
  quick?: boolean;
  /** Loads a hive after the demonstration. */
  performanceMode?: boolean;
  /** Of the load with kills. Default 5. */
  performanceMinutes?: number;
}

const INTERRUPTED = 130;
const PERFORMANCE_MINUTES = 5;

/**
 * Checks the machine and the hive, then runs the demonstration; either can be left out. What does not pass its checks is not
 * demonstrated. The exit code is 0 if all criteria are met, 130 if it was interrupted.
 */
export async function demonstrate(options: DemonstrationOptions): Promise<number> {
  const { validateOnly = false, demoOnly = false, quick = false, outputDir, json } = options;
  // What is checked before is this machine, and not that of the containers.
  if (!demoOnly && !options.compose) {
    const code = await validate({
      quick: quick || !validateOnly,
      outputDir,
      json: json && validateOnly,
      silent: json && !validateOnly,
    });
    if (validateOnly || code !== 0) return code;
  }
  return run(options);
}

async function run(options: DemonstrationOptions): Promise<number> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const specification =
    options.specification === undefined ? readExample(options.example) : await readFile(options.specification, "utf8");
  parseProductSpec(specification); // refused before anything is started
  prepareLaunch(tell);
  const seed = options.seed ?? randomInt(1, 2 ** 31);
  mkdirSync(options.outputDir, { recursive: true });
  const stage: Partial<Stage> = {
    specification,
    plan: planFaults(seededRandom(seed)),
    outputDir: options.outputDir,
    compose: options.compose ?? false,
    recording: new RunRecording(join(options.outputDir, RECORDING_FILE.name), "Demonstration"),
    watching: new AbortController(),
    ...(options.verbose && { onEvent: (event) => tell(describeEvent(event)) }),
  };

  const interruption = new AbortController();
  // The second time nobody is waited for; what was started is ended by the launcher's reaper. The listeners have to stay: seeing
  // none, the library that draws the screen would end the process at once.
  const interrupt = (): void => {
    if (interruption.signal.aborted) process.exit(INTERRUPTED);
    interruption.abort(new Error("The demonstration was interrupted."));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const phases = await runPhases(stage as Stage, options, interruption.signal);
    await refresh(stage);
    const { performanceMode = false, outputDir } = options;
    const demonstrated = {
      seed,
      startedAt,
      phases,
      environment: await environmentOf(stage.hive),
      outputDir,
      workflowId: stage.workflow?.id ?? null,
      measurement: stage.measurement ?? null,
      applicationProblems: stage.applicationProblems ?? null,
      events: stage.recorder?.events ?? [],
      performanceMode,
    };
    const criteria = judgement(stage, phases);
    const isWhole = phases.length === PHASES.length && phases.every(({ error }) => error === null);
    const load = performanceMode && isWhole ? await underLoad(stage, options, seed, interruption.signal) : null;
    const outcome: DemonstrationOutcome = {
      ...demonstrated,
      criteria: [...criteria, ...(load?.criteria ?? [])],
      performance: load,
      seconds: (performance.now() - began) / 1000,
      interrupted: interruption.signal.aborted,
    };
    const files = await write(outcome);
    if (options.json) printJson({ ...outcome, verdict: verdictOf(outcome) });
    else summarise(outcome, files);
    return interruption.signal.aborted ? INTERRUPTED : verdictOf(outcome) === "passed" && files.allThere ? 0 : 1;
  } finally {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", interrupt);
    await tearDown(stage);
  }
}

/** Loads a hive of its own when the demonstrated one is gone, which would take part of the machine. */
async function underLoad(
  stage: Partial<Stage>,
  { outputDir, json, performanceMinutes = PERFORMANCE_MINUTES }: DemonstrationOptions,
  seed: number,
  signal: AbortSignal,
): Promise<Performance | null> {
  await tearDown(stage);
  if (signal.aborted) return null;
  const log = createWriteStream(join(outputDir, LOG_FILE), { flags: "a" });
  log.on("error", () => undefined); // a full disk must not end the run
  const say = json ? () => undefined : (line: string) => tell(`${pc.dim("performance")} ${line}`);
  try {
    return await measurePerformance({ minutes: performanceMinutes, seed, log, tell: say, signal });
  } finally {
    log.end();
  }
}

/** Runs phase after phase; the first that fails is the last. */
async function runPhases(stage: Stage, options: DemonstrationOptions, signal: AbortSignal): Promise<PhaseResult[]> {
  const done: PhaseResult[] = [];
  const screen = await screenFor(stage, options);
  const list = new Listr(
    PHASES.map((phase, index) => ({
      title: `${index + 1} ${phase.title}`,
      // What happened in the crisis stays to be read; of the other phases the last word does.
      rendererOptions: phase.keepsLines ? { outputBar: Infinity, persistentOutput: true } : {},
      task: async (_: unknown, task: { output: string; title: string }) => {
        const note = noteOf(stage, phase, index + 1);
        note("began", "");
        const result = await runPhase(phase, stage, signal, (line) => {
          task.output = line;
          note("told", line);
        });
        note(result.error === null ? "done" : "failed", result.error ?? result.told);
        done.push(result);
        task.title = `${index + 1} ${phase.title} ${pc.dim(`${duration(result.ms)}: ${result.told}`)}`;
        if (result.error !== null) throw new Error(result.error);
      },
    })),
    {
      renderer: options.json || screen ? "silent" : "default",
      fallbackRenderer: "simple",
      // Lines of events would tear apart a view that redraws itself.
      fallbackRendererCondition: () => !options.json && !screen && (options.verbose === true || !process.stdout.isTTY),
      exitOnError: true,
      registerSignalListeners: false,
      rendererOptions: { collapseSubtasks: false },
    },
  );
  // The failure is in the phase's result, from which everything else follows.
  await list.run().catch(() => undefined);
  screen?.close();
  return done;
}

/** The one screen, where there is a terminal of colours and nobody wants lines. */
async function screenFor({ recording }: Stage, { json, verbose }: DemonstrationOptions) {
  if (json || verbose || !process.stdout.isTTY || !pc.isColorSupported) return undefined;
  const { LiveScreen } = await import("../screen/live-screen.js");
  return new LiveScreen("Demonstration", recording);
}

/** Records what becomes of a phase. */
function noteOf({ recording }: Stage, { title }: Phase, number: number) {
  return (state: "began" | "told" | "done" | "failed", text: string): void =>
    recording.add({ type: "phase", number, of: PHASES.length, title, state, text });
}

async function runPhase(
  phase: Phase,
  stage: Stage,
  signal: AbortSignal,
  show: (line: string) => void,
): Promise<PhaseResult> {
  const began = performance.now();
  let told = "";
  const interrupted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  const result = (error: string | null): PhaseResult => ({
    title: phase.title,
    ms: performance.now() - began,
    told,
    error,
  });
  try {
    await Promise.race([phase.run(stage, (line) => show((told = line))), interrupted]);
    return result(null);
  } catch (error) {
    return result(error instanceof Error ? error.message : String(error));
  }
}

/** Reads once more how things stand: what a phase that failed did not get to see is part of the results too. */
async function refresh(stage: Partial<Stage>): Promise<void> {
  const { client, validator, workflow, runId } = stage;
  if (!client || !validator || !workflow || !runId) return;
  try {
    stage.workflow = await client.workflow(workflow.id);
    // What has ended is measured once, and answered again as it was.
    stage.measurement = await validator.end(runId, { atRest: stage.workflow.state !== "running" });
  } catch (error) {
    tell(`The run could not be measured at the end: ${String(error)}`);
  }
}

/** Without a measurement there is nothing to judge. */
function judgement(stage: Partial<Stage>, phases: PhaseResult[]): Criterion[] {
  const { workflow, measurement, refusedResults = 0, applicationProblems, plan } = stage;
  if (!workflow || !measurement) return [];
  return judge({
    phasesDone: phases.filter(({ error }) => error === null).length,
    phases: PHASES.length,
    workflowId: workflow.id,
    measurement,
    plannedFaults: plan!.length,
    refusedResults,
    frozen: plan!.filter(({ act }) => act === "freeze").length,
    applicationProblems: applicationProblems ?? ["it was not built"],
  });
}

interface Files {
  report: string | undefined;
  allThere: boolean;
}

/** Writes all that can be written; what could not be is told, and counts. */
async function write(outcome: DemonstrationOutcome): Promise<Files> {
  let report: string | undefined;
  let allThere = true;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      allThere = false;
      tell(
        pc.red(error instanceof FilesNotWrittenError ? error.message : `The report was not written: ${String(error)}`),
      );
    }
  };
  await attempt(async () => void (report = await writeReport(outcome)));
  // Last, since they list what is there.
  await attempt(async () => void (await writeFiles(outcome, outcome.outputDir)));
  return { report, allThere };
}

function summarise(
  { phases, criteria, measurement, applicationProblems, outputDir, performance: load }: DemonstrationOutcome,
  { report }: Files,
): void {
  const failed = phases.find(({ error }) => error !== null);
  if (failed) tell(pc.red(`"${failed.title}" failed: ${failed.error}`));
  print();
  for (const line of table(
    criteria.map(({ name, met, found }) => [met ? pc.green("met") : pc.red("NOT MET"), name, pc.dim(found)]),
  ))
    print(line);
  print();
  for (const line of table(recoveryRows(measurement?.recoveries ?? []))) print(line);
  print();
  if (load && load.problem !== null) print(pc.red(`Not everything was measured under load: ${load.problem}\n`));
  const met = criteria.filter((criterion) => criterion.met).length;
  print((met === criteria.length && !failed ? pc.green : pc.red)(`${met} of ${criteria.length} criteria met.`));
  if (report) print(`Report: ${report}`);
  print(`All files: ${outputDir}`);
  if (applicationProblems)
    print(`The application that was built: ${join(outputDir, "application")} (start it: npm start)`);
}

function recoveryRows(recoveries: Recovery[]): string[][] {
  const time = (ms: number | null): string => (ms === null ? "?" : `${Math.round(ms)} ms`);
  const rows = recoveries.map(({ kind, agentId, taskId, noticedMs, claimedMs, runningMs, recoveredBy }) => [
    FAULT_WORDS[kind],
    agentId,
    taskId,
    time(noticedMs),
    time(claimedMs),
    time(runningMs),
    recoveredBy === agentId ? `${agentId}, restarted` : (recoveredBy ?? "nobody"),
  ]);
  return rows.length === 0 ? [] : [["", "AGENT", "AT TASK", "NOTICED", "CLAIMED", "RUNNING", "BY"], ...rows];
}

/** May be called again: what was stopped is off the stage. */
async function tearDown(stage: Partial<Stage>): Promise<void> {
  const { recorder, chaos, orders, starting, log } = stage;
  for (const gone of ["recorder", "chaos", "orders", "starting", "log"] as const) delete stage[gone];
  stage.watching?.abort();
  await chaos?.stop();
  orders?.close();
  await recorder?.stop();
  // If it was interrupted while it was starting, it is stopped as soon as that is over.
  const hive = await starting?.catch(() => undefined);
  await hive?.stop();
  log?.end();
  await stage.recording?.close();
}
