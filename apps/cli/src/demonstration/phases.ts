import { createWriteStream } from "node:fs";
import { join } from "node:path";
import {
  AgentCrashSimulator,
  EventTaskMoments,
  GroupAgentDirectory,
  RedisMomentOrders,
  type ActRecord,
  type AgentDirectory,
} from "@agent-hive/chaos";
import { EventRecorder, HiveClient, ValidatorClient } from "@agent-hive/client";
import { createKeys, type HiveEvent, type TaskView } from "@agent-hive/contracts";
import type { Act } from "@agent-hive/measurement";
import { productWorkflow } from "@agent-hive/product-spec";
import { followGroups } from "../screen/follow-groups.js";
import { duration } from "../terminal/print.js";
import { buildApplication } from "./build-application.js";
import { composeHive } from "./hives/composed-hive.js";
import { launchHive } from "./hives/launched-hive.js";
import type { PlannedFault } from "./plan-faults.js";
import type { Phase, Stage } from "./stage.js";

const AGENTS_PER_TYPE = 2;
export const LOG_FILE = "phase2_demonstration.log";
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
  stage.starting = (stage.compose ? composeHive : launchHive)(AGENTS_PER_TYPE, tell);
  stage.hive = await stage.starting;
  const { engineUrl, coordinatorUrl, validatorUrl, redisUrl, apiKey, hand } = stage.hive;
  const log = createWriteStream(join(stage.outputDir, LOG_FILE));
  stage.log = log;
  stage.hive.onLine((name, line) => log.write(`${name} ${line}\n`));
  stage.client = new HiveClient({ engineUrl, coordinatorUrl, apiKey });
  stage.validator = new ValidatorClient(validatorUrl, apiKey);
  stage.recorder = new EventRecorder(stage.client);
  if (stage.onEvent) stage.recorder.on(stage.onEvent);
  stage.recorder.on((event) => stage.recording.add({ type: "event", event }));
  void followGroups(stage.client, stage.recording, stage.watching.signal);
  stage.recorder.start();
  stage.orders = new RedisMomentOrders(redisUrl, createKeys());
  const moments = new EventTaskMoments(stage.orders);
  stage.recorder.on((event) => moments.observe(event));
  const directory = new GroupAgentDirectory(
    () => stage.client.groups(),
    (agentId) => stage.hive.revive(agentId),
  );
  stage.chaos = new AgentCrashSimulator({ enabled: true, directory: sparingTheLast(directory, stage), hand, moments });
  const { processes } = stage.hive;
  tell(
    stage.compose
      ? `${processes} containers run`
      : `PostgreSQL, Redis and ${processes} services run, each in a process of its own`,
  );
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
  stage.runId = await stage.validator.begin({ name: "demonstration", events: true });
  const ambushes = stage.plan.map((fault) => stage.chaos.arm({ ...fault, count: 1 }));
  await Promise.all(ambushes.map(({ armed }) => armed));
  const submitted = Promise.withResolvers<string>();
  const acts = ambushes.map(async ({ done }, index) => {
    const [[record], workflowId] = await Promise.all([done, submitted.promise]);
    return toAct(stage.plan[index]!, record!, workflowId);
  });
  stage.striking = Promise.all(acts);
  stage.thawing = Promise.all(acts.map(async (act, index) => thaw(stage, await act, stage.plan[index]!)));
  // Awaited in the phase of the crisis; until then a failure is nobody's.
  stage.striking.catch(() => undefined);
  stage.thawing.catch(() => undefined);
  const { id } = await stage.client.submit(productWorkflow(stage.specification), {
    idempotencyKey: `demonstration-${stage.runId}`,
  });
  stage.workflow = await stage.client.workflow(id);
  stage.tasks = await stage.client.tasks(id);
  stage.recording.add({ type: "workflow", id, name: stage.workflow.name, tasks: stage.tasks.map(graphOf) });
  submitted.resolve(id);
  tell(`"${stage.workflow.name}": ${stage.workflow.tasks.total} tasks for ${stage.groups.length} groups`);
}

const graphOf = ({ id, agentType, dependsOn }: TaskView) => ({ id, agentType, dependsOn });

/** What was done, as the validator is told. The process stood still in the task's first attempt when it was struck. */
function toAct({ act, agentType, taskId }: PlannedFault, record: ActRecord, workflowId: string): Act {
  const { agentId, incarnation, group, at } = record;
  const held = [{ workflowId, taskId, attempt: 1 }];
  return { kind: act, agentId, incarnation: incarnation!, agentType, group, atMs: Date.parse(at), held };
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
  stage.acts = await within(STRIKE_WITHIN_MS, "striking the planned agents", stage.striking);
  stopListening();
  await stage.validator.noteActs(stage.runId, stage.acts);
  const agents = (kind: Act["kind"]) => stage.acts.filter((act) => act.kind === kind).map(({ agentId }) => agentId);
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
  stage.measurement = await stage.validator.measurement(stage.runId);
  const { recoveries } = stage.measurement;
  const recovered = recoveries.filter(({ runningMs }) => runningMs !== null).length;
  tell(`${recovered} of ${recoveries.length} tasks went on elsewhere; the frozen process's late result was refused`);
}

/** Wakes an agent, if it was frozen, once its task is done elsewhere: the result that it still holds must be refused. */
async function thaw(stage: Stage, { kind, agentId, group }: Act, { taskId }: PlannedFault): Promise<void> {
  if (kind !== "freeze") return;
  const { recorder } = stage;
  const isRecorded = (event: HiveEvent): boolean =>
    event.type === "task.succeeded" && event.taskId === taskId && event.workflowId === stage.workflow.id;
  await recorder.find(`${taskId}, frozen on ${agentId}, being done elsewhere`, isRecorded, STRIKE_WITHIN_MS);
  await stage.chaos.recoverAgent(agentId, group);
  const isRefused = (event: HiveEvent): boolean =>
    event.type === "task.fenced" && event.agentId === agentId && event.taskId === taskId;
  await recorder.find(`The refusal of the late result of ${agentId}`, isRefused, REFUSAL_WITHIN_MS);
}

async function validateCompletion(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  stage.tasks = await stage.client.tasks(stage.workflow.id);
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

/** What the engine publishes of the workflow is compared with what the validator finds, then everything is measured. */
async function measurePerformance(stage: Stage, tell: Parameters<Phase["run"]>[1]): Promise<void> {
  const { validator, runId, workflow } = stage;
  const { id, state, tasks } = workflow;
  const source = "the engine's API";
  await validator.noteFigures(runId, [{ kind: "workflow", source, workflowId: id, state, counts: tasks }]);
  stage.measurement = await validator.end(runId, { atRest: true });
  const { recoveryMs, invariants } = stage.measurement;
  const makespanMs = Date.parse(workflow.finishedAt!) - Date.parse(workflow.createdAt);
  const held = invariants.filter(({ holds }) => holds).length;
  const median = recoveryMs.crash.p50 === null ? "unknown" : duration(recoveryMs.crash.p50);
  tell(
    `workflow ${duration(makespanMs)}; kill to running elsewhere p50 ${median}; ` +
      `${held} of ${invariants.length} invariants hold`,
  );
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
