/**
 * Recomputes what a run came to from its primary records. Pure: the same records give the same measurement, whoever read
 * them. Nothing that a service says of itself goes in, except as what it is compared with.
 */
import { criticalTasks } from "./critical-path.js";
import { distributionOf } from "./distribution.js";
import { factsOf, historyOf, readyAtMs, type Facts, type TaskFacts } from "./facts.js";
import { groupsOf } from "./groups.js";
import { invariantsOf } from "./invariants/check-invariants.js";
import {
  MEASUREMENT_VERSION,
  type MeasuredAttempt,
  type MeasuredTask,
  type MeasuredWorkflow,
  type Measurement,
  type Recovery,
} from "./measurement.js";
import { processesOf } from "./processes.js";
import { recoveriesOf } from "./recoveries.js";
import type { AttemptRecord, RunRecords, RunTotals, WorkflowRecord } from "./records.js";
import { mostAtOnce } from "./spans.js";
import { validatePerformanceTargets, type Target } from "./targets.js";
import { throughputOf } from "./throughput.js";
import { livesOf, runsOf, totalsOf } from "./totals.js";

/**
 * Measures a run.
 *
 * @param targets what it is held against.
 * @param options.underLoad see {@link validatePerformanceTargets}.
 */
export function measure(
  records: RunRecords,
  targets: readonly Target[],
  options: { underLoad?: boolean } = {},
): Measurement {
  const facts = factsOf(records);
  const recoveries = recoveriesOf(facts);
  const totals = records.totals ?? totalsOf(facts);
  const throughput = throughputOf(facts, totals);
  const measured = {
    version: MEASUREMENT_VERSION,
    window: windowOf(records),
    workflows: records.workflows.map(measuredWorkflow),
    tasks: measuredTasks(facts),
    attempts: facts.tasks.flatMap((task) => historyOf(task).map((run) => measuredAttempt(task, run))),
    acts: records.acts,
    recoveries,
    throughput,
    completion: completionOf(totals),
    concurrency: concurrencyOf(facts),
    queueingMs: distributionOf(facts.tasks.flatMap(queueingMs)),
    runningMs: distributionOf(records.attempts.flatMap(runningMs)),
    recoveryMs: recoveryTimes(recoveries),
    groups: groupsOf(facts),
    processes: processesOf(records.processes),
    invariants: invariantsOf(facts, { recoveries, throughput }),
    coverage: {
      workflows: { all: totals.workflows, measured: records.workflows.length },
      tasks: { all: totals.tasks, measured: records.tasks.length },
    },
    absent: records.absent,
  } satisfies Omit<Measurement, "targets">;
  return { ...measured, targets: validatePerformanceTargets(measured, targets, options) };
}

function windowOf({ window: { fromMs, toMs } }: RunRecords): Measurement["window"] {
  return { fromMs, toMs, seconds: Math.max(0, toMs - fromMs) / 1000 };
}

const NO_TRACE = "0".repeat(32);

function measuredWorkflow({ traceparent, total, ...workflow }: WorkflowRecord): MeasuredWorkflow {
  const traceId = traceparent.split("-")[1] ?? "";
  return { ...workflow, tasks: total, traceId: /^[0-9a-f]{32}$/.test(traceId) ? traceId : NO_TRACE };
}

function measuredTasks(facts: Facts): MeasuredTask[] {
  const critical = new Set(facts.workflows.flatMap((workflow) => [...criticalTasks(workflow)]));
  return facts.tasks.map((each) => {
    const { workflowId, taskId, position, agentType, state, attempt, crashes, finishedAtMs } = each.task;
    return {
      workflowId,
      taskId,
      position,
      agentType,
      dependsOn: each.dependencies.map(({ task }) => task.taskId),
      state,
      attempts: attempt,
      crashes,
      readyAtMs: readyAtMs(each),
      finishedAtMs,
      isCritical: critical.has(each),
    };
  });
}

function measuredAttempt({ task }: TaskFacts, run: AttemptRecord): MeasuredAttempt {
  const { attempt, outcome, agentId, incarnation, entryId, dispatchedAtMs, startedAtMs, finishedAtMs, recordedAtMs } =
    run;
  return {
    workflowId: task.workflowId,
    taskId: task.taskId,
    attempt,
    outcome,
    agentType: task.agentType,
    agentId,
    incarnation,
    entryId,
    dispatchedAtMs,
    startedAtMs,
    finishedAtMs,
    recordedAtMs,
  };
}

function completionOf({ workflows, ended, succeeded }: RunTotals): Measurement["completion"] {
  return { workflows, succeeded, rate: ended === 0 ? null : succeeded / ended };
}

/** Exactly, where all was read; else the most that there were at the end of any step. */
function concurrencyOf(facts: Facts): Measurement["concurrency"] {
  const steps = facts.records.totals?.steps;
  if (steps === undefined) return { mostRunning: mostAtOnce(runsOf(facts)), mostWorkflows: mostAtOnce(livesOf(facts)) };
  const most = (name: "running" | "workflows"): number => steps.reduce((so, step) => Math.max(so, step[name]), 0);
  return { mostRunning: most("running"), mostWorkflows: most("workflows") };
}

/** From ready to the first start; clocks may put a start that came at once a little before. */
function queueingMs(facts: TaskFacts): number[] {
  const ready = readyAtMs(facts);
  const starts = historyOf(facts).flatMap(({ startedAtMs }) => startedAtMs ?? []);
  return ready === null || starts.length === 0 ? [] : [Math.max(0, Math.min(...starts) - ready)];
}

/** On the agent's monotonic clock, else by the times of its wall clock. */
function runningMs({ delivery, runMs, startedAtMs, finishedAtMs }: AttemptRecord): number[] {
  if (delivery !== "") return [];
  if (runMs !== null) return [runMs];
  return startedAtMs === null || finishedAtMs === null ? [] : [Math.max(0, finishedAtMs - startedAtMs)];
}

function recoveryTimes(recoveries: readonly Recovery[]): Measurement["recoveryMs"] {
  const of = (kind: Recovery["kind"]) =>
    distributionOf(recoveries.flatMap((recovery) => (recovery.kind === kind ? (recovery.runningMs ?? []) : [])));
  return { crash: of("crash"), freeze: of("freeze"), isolate: of("isolate") };
}
