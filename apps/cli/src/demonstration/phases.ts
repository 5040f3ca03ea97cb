import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AgentCrashSimulator,
  EventTaskMoments,
  GroupAgentDirectory,
  RedisMomentOrders,
  type ActRecord,
  type AgentDirectory,
} from "@agent-hive/chaos";
import { EventRecorder, HiveClient } from "@agent-hive/client";
import { createKeys, type HiveEvent } from "@agent-hive/contracts";
import { HiveLauncher } from "@agent-hive/launcher";
import { productWorkflow } from "@agent-hive/product-spec";
import { duration } from "../terminal/print.js";
import { buildApplication } from "./build-application.js";
import type { PlannedFault } from "./plan-faults.js";
import { percentile, recoveriesOf, type Fault } from "./recoveries.js";
import type { Phase, Stage } from "./stage.js";

const AGENTS_PER_TYPE = 2;
const LOG_FILE = "phase2_demonstration.log";
const STRIKE_WITHIN_MS = 60_000;
const WORKFLOW_WITHIN_MS = 120_000;
const REFUSAL_WITHIN_MS = 10_000;

export const PHASES: Phase[] = [
  { title: "System initialisation", run: initialise },
  { title: "Consumer group creation", run: createGroups },
  { title: "Multi-step workflow submission", run: submitWorkflow },
  { title: "Parallel execution", run: monitorExecution },
  { title: "Agent crisis", run: awaitCrisis, keepsLines: true },
  { title: "Automatic recovery", run: awaitRecovery },
  { title: "Completion validation", run: validateCompletion },
  { title: "Performance metrics", run: measurePerformance },
];

async function initialise(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  stage.starting = HiveLauncher.start({
    agentsPerType: AGENTS_PER_TYPE,
    env: { HIVE_CHAOS_ENABLED: "true" },
    stopOnSignals: false,
    onProgress: tell,
  });
  stage.hive = await stage.starting;
  const { engineUrl, coordinatorUrl, redisUrl, supervisor } = stage.hive;
  stage.log = createWriteStream(join(stage.outputDir, LOG_FILE));
  supervisor.on("line", (name, line) => stage.log.write(`${name} ${line}\n`));
  stage.client = new HiveClient({ engineUrl, coordinatorUrl });
  stage.recorder = new EventRecorder(stage.client);
  if (stage.onEvent) stage.recorder.on(stage.onEvent);
  stage.recorder.start();
  stage.orders = new RedisMomentOrders(redisUrl, createKeys());
  const moments = new EventTaskMoments(stage.orders);
  stage.recorder.on((event) => moments.observe(event));
  const directory = new GroupAgentDirectory(
    () => stage.client.groups(),
    (agentId) => supervisor.start(agentId),
  );
  stage.chaos = new AgentCrashSimulator({ enabled: true, directory: sparingTheLast(directory, stage), moments });
  tell(`PostgreSQL, Redis and ${supervisor.list().length} services run, each in a process of its own`);
}

/**
 * Lets an agent be struck only while its group is whole. It stands still at its moment meanwhile. Were both processes of a
 * type gone at once, what is measured would be how fast a process starts.
 */
function sparingTheLast(directory: GroupAgentDirectory, { client }: Stage): AgentDirectory {
  const isWhole = async (group: string): Promise<true | undefined> => {
    const found = (await client.groups()).find((each) => each.group === group);
    return found?.consumers.length === AGENTS_PER_TYPE || undefined;
  };
  return {
    revive: directory.revive,
    find: async (agentId, group) => {
      await eventually(`all consumers of ${group} are there`, () => isWhole(group));
      return directory.find(agentId, group);
    },
  };
}

async function createGroups(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  stage.groups = await eventually("all groups have their consumers", async () => {
    const groups = await stage.client.groups();
    return groups.every(({ consumers }) => consumers.length === AGENTS_PER_TYPE) ? groups : undefined;
  });
  tell(stage.groups.map(({ agentType, consumers }) => `${agentType} ${consumers.length}`).join(", "));
}

async function submitWorkflow(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  const ambushes = stage.plan.map((fault) => stage.chaos.arm({ ...fault, count: 1 }));
  await Promise.all(ambushes.map(({ armed }) => armed));
  stage.striking = Promise.all(ambushes.map(async ({ done }, index) => toFault(stage.plan[index]!, (await done)[0]!)));
  stage.thawing = Promise.all(
    ambushes.map(async ({ done }, index) => thaw(stage, toFault(stage.plan[index]!, (await done)[0]!))),
  );
  // Awaited in the phase of the crisis; until then a failure is nobody's.
  stage.striking.catch(() => undefined);
  stage.thawing.catch(() => undefined);
  const { id } = await stage.client.submit(productWorkflow(stage.specification));
  stage.workflow = await stage.client.workflow(id);
  stage.tasks = await stage.client.tasks(stage.workflow.id);
  tell(`"${stage.workflow.name}": ${stage.workflow.tasks.total} tasks for ${stage.groups.length} groups`);
}

function toFault({ act, agentType, taskId }: PlannedFault, record: ActRecord): Fault {
  const { agentId, incarnation, at } = record;
  return { act, agentId, incarnation: incarnation!, agentType, taskId, attempt: 1, atMs: Date.parse(at) };
}

async function monitorExecution(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  const first = stage.tasks.filter(({ dependsOn }) => dependsOn.length === 0);
  const starts = await Promise.all(
    first.map(({ id }) =>
      stage.recorder.find(
        `The start of ${id}`,
        ({ type, taskId, workflowId }) => type === "task.started" && taskId === id && workflowId === stage.workflow.id,
        STRIKE_WITHIN_MS,
      ),
    ),
  );
  tell(`at once: ${starts.map(({ taskId, agentId }) => `${taskId} on ${agentId}`).join(", ")}`);
}

async function awaitCrisis(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  const note = (event: HiveEvent): void => {
    const line = crisisLine(event);
    if (line !== undefined) tell(line);
  };
  stage.recorder.events.forEach(note);
  const stopListening = stage.recorder.on(note);
  stage.faults = await within(STRIKE_WITHIN_MS, "striking the planned agents", stage.striking);
  stopListening();
  const agents = (act: Fault["act"]) => stage.faults.filter((fault) => fault.act === act).map(({ agentId }) => agentId);
  tell(`killed ${agents("crash").join(", ")}; frozen ${agents("freeze").join(", ")}`);
}

function crisisLine({ type, agentId, taskId, data }: HiveEvent): string | undefined {
  if (type === "chaos.held") return `${agentId} is struck at ${taskId}`;
  if (type === "consumer.dead")
    return `${agentId} is declared dead: it ${data?.["kind"] === "frozen" ? "froze" : "crashed"}`;
  if (type === "delivery.claimed") return `${taskId} is claimed by ${agentId}`;
  return undefined;
}

async function awaitRecovery(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  await stage.thawing;
  stage.workflow = await eventually(
    "the workflow is over",
    async () => {
      const workflow = await stage.client.workflow(stage.workflow.id);
      return workflow.state === "running" ? undefined : workflow;
    },
    WORKFLOW_WITHIN_MS,
  );
  stage.attempts = await stage.client.attempts(stage.workflow.id);
  stage.recoveries = recoveriesOf(stage.faults, stage.attempts, await stage.client.verdicts(), stage.recorder.events);
  const recovered = stage.recoveries.filter(({ runningMs }) => runningMs !== null).length;
  tell(
    `${recovered} of ${stage.recoveries.length} tasks went on elsewhere; the frozen process's late result was refused`,
  );
}

/** Wakes an agent, if it was frozen, once its task is done elsewhere: the result that it still holds must be refused. */
async function thaw(stage: Stage, fault: Fault): Promise<void> {
  if (fault.act !== "freeze") return;
  const { recorder } = stage;
  const isRecorded = ({ type, taskId, workflowId }: HiveEvent): boolean =>
    type === "task.succeeded" && taskId === fault.taskId && workflowId === stage.workflow.id;
  await recorder.find(
    `${fault.taskId}, frozen on ${fault.agentId}, being done elsewhere`,
    isRecorded,
    STRIKE_WITHIN_MS,
  );
  const { group } = stage.groups.find(({ agentType }) => agentType === fault.agentType)!;
  await stage.chaos.recoverAgent(fault.agentId, group);
  const isRefused = ({ type, agentId, taskId }: HiveEvent): boolean =>
    type === "task.fenced" && agentId === fault.agentId && taskId === fault.taskId;
  await recorder.find(`The refusal of the late result of ${fault.agentId}`, isRefused, REFUSAL_WITHIN_MS);
}

async function validateCompletion(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  stage.tasks = await stage.client.tasks(stage.workflow.id);
  stage.attempts = await stage.client.attempts(stage.workflow.id);
  stage.refusedResults = stage.recorder.events.filter(
    ({ type, workflowId }) => type === "task.fenced" && workflowId === stage.workflow.id,
  ).length;
  if (stage.workflow.state !== "succeeded") {
    const { failure } = stage.workflow;
    throw new Error(
      `The workflow ${stage.workflow.state}${failure ? `: ${failure.taskId}: ${failure.error.message}` : ""}.`,
    );
  }
  stage.applicationProblems = await buildApplication(stage, tell);
  const done = stage.tasks.filter(({ state }) => state === "succeeded").length;
  tell(
    `${done} of ${stage.tasks.length} tasks; the application ${stage.applicationProblems.length === 0 ? "works" : "does not work"}`,
  );
}

async function measurePerformance(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  stage.makespanMs = Date.parse(stage.workflow.finishedAt!) - Date.parse(stage.workflow.createdAt);
  stage.memory = stage.hive.supervisor
    .list()
    .flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, rssBytes: residentBytes(pid) }]));
  const crashes = stage.recoveries.flatMap(({ act, runningMs }) =>
    act === "crash" && runningMs !== null ? [runningMs] : [],
  );
  const median = percentile(crashes, 0.5);
  tell(
    `workflow ${duration(stage.makespanMs)}; kill to running elsewhere p50 ${median === null ? "unknown" : duration(median)}`,
  );
}

/** Resident memory as the kernel tells it; 0 if the process has just gone. */
function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return kilobytes ? Number(kilobytes[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}

async function eventually<T>(what: string, ask: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${duration(withinMs)} in vain until ${what}.`);
}

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done within ${duration(ms)}: ${what}.`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
