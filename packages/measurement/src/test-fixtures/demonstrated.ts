import { distributionOf } from "../distribution.js";
import { MEASUREMENT_VERSION, type Distribution, type Measurement } from "../measurement.js";
import { INVARIANTS, targetsOf } from "./findings.js";
import { PaperHive, type PlannedFault, type PlannedTask, type RunRecord } from "./paper-hive.js";
import { randomFrom } from "./random-from.js";

const AGENT_TYPES = ["architects", "backend", "frontend", "qa"] as const;
const MEBIBYTE = 1024 * 1024;
const BEGIN_MS = Date.UTC(2026, 10, 26, 1, 40);

const DEMONSTRATION: readonly PlannedTask[] = [
  { id: "system_design", agentType: "architects", dependsOn: [], runMs: 310 },
  { id: "database_design", agentType: "architects", dependsOn: [], runMs: 420 },
  { id: "api_development", agentType: "backend", dependsOn: ["system_design"], runMs: 540 },
  { id: "db_integration", agentType: "backend", dependsOn: ["database_design"], runMs: 380 },
  { id: "auth_system", agentType: "backend", dependsOn: ["api_development"], runMs: 450 },
  { id: "ui_components", agentType: "frontend", dependsOn: ["api_development"], runMs: 470 },
  { id: "dashboard", agentType: "frontend", dependsOn: ["db_integration", "ui_components"], runMs: 520 },
  { id: "auth_ui", agentType: "frontend", dependsOn: ["auth_system", "ui_components"], runMs: 330 },
  { id: "api_tests", agentType: "qa", dependsOn: ["api_development", "db_integration", "auth_system"], runMs: 1010 },
  { id: "ui_tests", agentType: "qa", dependsOn: ["ui_components", "dashboard", "auth_ui"], runMs: 1040 },
  { id: "integration_tests", agentType: "qa", dependsOn: ["api_tests", "ui_tests"], runMs: 690 },
];

const FAULTS: readonly PlannedFault[] = [
  { taskId: "database_design", kind: "crash" },
  { taskId: "api_development", kind: "freeze" },
  { taskId: "auth_system", kind: "crash" },
  { taskId: "dashboard", kind: "crash" },
  { taskId: "integration_tests", kind: "crash" },
];

export interface DemonstratedOptions {
  /** Workflows that run beside the demonstrated one, of eleven short tasks each. Default 0. */
  beside?: number;
  /** Processes of each agent type. Default 2. */
  agentsPerType?: number;
  /** Default: the faults of a demonstration, four kills and one freeze. */
  faults?: readonly PlannedFault[];
  /** Other names for tasks, by their own. */
  renamed?: Readonly<Record<string, string>>;
  workflowName?: string;
}

/** What the demonstration came to when it passed: the same options, the same measurement. */
export function demonstrated({
  beside = 0,
  agentsPerType = 2,
  faults = FAULTS,
  renamed = {},
  workflowName = "build-bookshop",
}: DemonstratedOptions = {}): Measurement {
  const hive = new PaperHive(AGENT_TYPES, agentsPerType, randomFrom(7));
  const nameOf = (id: string): string => renamed[id] ?? id;
  const runs = [
    hive.run({
      workflowId: uuid(1),
      name: workflowName,
      tasks: DEMONSTRATION.map((task) => ({ ...task, id: nameOf(task.id), dependsOn: task.dependsOn.map(nameOf) })),
      faults: faults.map(({ taskId, kind }) => ({ taskId: nameOf(taskId), kind })),
      createdAtMs: BEGIN_MS + 2400,
    }),
    ...Array.from({ length: beside }, (_, index) =>
      hive.run({
        workflowId: uuid(index + 2),
        name: `load-${index + 1}`,
        tasks: DEMONSTRATION.map((task) => ({ ...task, runMs: task.runMs / 50 })),
        faults: index % 40 === 39 ? [{ taskId: "auth_ui", kind: "crash" }] : [],
        createdAtMs: BEGIN_MS + 9000 + index * 40,
      }),
    ),
  ];
  return assemble(hive, runs);
}

function assemble(hive: PaperHive, runs: readonly RunRecord[]): Measurement {
  const attempts = runs.flatMap((run) => run.attempts);
  const recoveries = runs.flatMap((run) => run.recoveries);
  const fromMs = BEGIN_MS;
  const toMs = attempts.reduce((latest, { recordedAtMs }) => Math.max(latest, recordedAtMs), fromMs) + 1500;
  const seconds = (toMs - fromMs) / 1000;
  const runningOf = (kind: string): Distribution =>
    distributionOf(recoveries.filter((each) => each.kind === kind).map(({ runningMs }) => runningMs!));
  const recoveryMs = { crash: runningOf("crash"), freeze: runningOf("freeze"), isolate: runningOf("isolate") };
  const spans = attempts.filter(({ outcome }) => outcome === "succeeded");
  return {
    version: MEASUREMENT_VERSION,
    window: { fromMs, toMs, seconds },
    workflows: runs.map(({ workflow }) => workflow),
    tasks: runs.flatMap(({ tasks }) => tasks),
    attempts,
    acts: runs.flatMap(({ acts }) => acts),
    recoveries,
    throughput: {
      streams: AGENT_TYPES.map((agentType) => streamOf(agentType, attempts, seconds)),
      messagesPerSecond: (3 * spans.length) / seconds,
      tasksPerSecond: spans.length / seconds,
      workflowsPerSecond: runs.length / seconds,
      series: seriesOf(attempts, fromMs, toMs),
    },
    completion: { workflows: runs.length, succeeded: runs.length, rate: 1 },
    concurrency: { mostRunning: 4, mostWorkflows: runs.length },
    queueingMs: distributionOf(spans.map(({ startedAtMs, dispatchedAtMs }) => startedAtMs! - dispatchedAtMs!)),
    runningMs: distributionOf(spans.map(({ startedAtMs, finishedAtMs }) => finishedAtMs! - startedAtMs!)),
    recoveryMs,
    groups: groupsOf(hive, attempts),
    processes: processesOf(hive, fromMs),
    invariants: INVARIANTS,
    targets: targetsOf(recoveryMs),
    coverage: {
      workflows: { all: runs.length, measured: runs.length },
      tasks: { all: countOfTasks(runs), measured: countOfTasks(runs) },
    },
    absent: [],
  };
}

const countOfTasks = (runs: readonly RunRecord[]): number => runs.reduce((sum, { tasks }) => sum + tasks.length, 0);

function streamOf(agentType: string, attempts: Measurement["attempts"], seconds: number) {
  const messages = attempts.filter((attempt) => attempt.agentType === agentType).length;
  return { stream: `agent_messages:${agentType}`, messages, perSecond: messages / seconds };
}

function seriesOf(
  attempts: Measurement["attempts"],
  fromMs: number,
  toMs: number,
): Measurement["throughput"]["series"] {
  const seconds = Math.ceil((toMs - fromMs) / 1000);
  const series = Array.from({ length: seconds }, (_, index) => ({
    atMs: fromMs + index * 1000,
    recordedPerSecond: 0,
    inFlight: 0,
  }));
  const indexOf = (atMs: number): number => Math.min(seconds - 1, Math.max(0, Math.floor((atMs - fromMs) / 1000)));
  for (const { outcome, dispatchedAtMs, recordedAtMs } of attempts) {
    if (outcome !== "succeeded") continue;
    series[indexOf(recordedAtMs)]!.recordedPerSecond += 1;
    for (let index = indexOf(dispatchedAtMs!); index <= indexOf(recordedAtMs); index += 1) series[index]!.inFlight += 1;
  }
  return series;
}

function groupsOf(hive: PaperHive, attempts: Measurement["attempts"]): Measurement["groups"] {
  const byLife = Map.groupBy(attempts, ({ incarnation }) => incarnation);
  return AGENT_TYPES.map((agentType) => {
    const lives = hive.incarnations.filter((life) => life.agentType === agentType);
    const recordedOf = (incarnation: string): number =>
      (byLife.get(incarnation) ?? []).filter(({ outcome }) => outcome === "succeeded").length;
    const total = lives.reduce((sum, { incarnation }) => sum + recordedOf(incarnation), 0);
    return {
      group: `${agentType}_consumers`,
      agentType,
      stream: `agent_messages:${agentType}`,
      slots: 2,
      length: 0,
      pending: 0,
      lag: 0,
      consumers: lives.map(({ agentId, incarnation }) => ({
        agentId,
        incarnation,
        recorded: recordedOf(incarnation),
        share: total === 0 ? 0 : recordedOf(incarnation) / total,
        lost: (byLife.get(incarnation) ?? []).filter(({ outcome }) => outcome === "crashed" || outcome === "frozen")
          .length,
      })),
    };
  });
}

function processesOf(hive: PaperHive, fromMs: number): Measurement["processes"] {
  const services = ["workflow-engine", "router", "group-coordinator"].map((name) => ({ name, service: name }));
  const agents = [...new Map(hive.incarnations.map((life) => [life.agentId, life])).values()].map(
    ({ agentId, agentType }) => ({ name: agentId, service: `agent-${agentType}` }),
  );
  return [...services, ...agents].map(({ name, service }, index) => {
    const median = (name === "workflow-engine" ? 138 : 84 + ((index * 7) % 23)) * MEBIBYTE;
    return {
      name,
      service,
      pid: 4000 + index,
      rssMedianBytes: median,
      rssPeakBytes: median + (6 + ((index * 5) % 17)) * MEBIBYTE,
      cpuSeconds: 0.6 + index / 10,
      samples: [{ atMs: fromMs + 1000, rssBytes: median, cpuShare: 0.1 }],
    };
  });
}

function uuid(number: number): string {
  return `019ac0de-0000-7000-8000-${String(number).padStart(12, "0")}`;
}
