/**
 * Real processes are killed in the middle of a workflow; it completes, and every task is recorded once (I1, I2).
 */
import type { AttemptView } from "@agent-hive/contracts";
import { PRODUCT_TASKS } from "@agent-hive/product-spec";
import { elevenTasks } from "./definitions.js";
import { TestHive } from "./test-hive.js";

const ONCE_EACH = Object.fromEntries(PRODUCT_TASKS.map(({ id }) => [id, 1]));
/** About 150 ms of hashing a task: long enough to be struck, short enough to wait for. */
const WORK = { input: { bytes: 100_000_000 } };

let hive: TestHive;

beforeAll(async () => {
  hive = await TestHive.start();
}, 120_000);

afterAll(() => hive?.stop(), 60_000);

async function runWithKills(names: string[]): Promise<void> {
  const workflow = await hive.submit(elevenTasks("hash", WORK));
  await hive.until(
    "a first recorded task",
    () => hive.client.workflow(workflow.id),
    ({ tasks }) => tasks.succeeded >= 1,
  );
  for (const name of names) hive.launcher.supervisor.kill(name, "SIGKILL");
  const ended = await hive.ended(workflow.id);
  expect(ended.state).toBe("succeeded");
  expect(await hive.recordings(workflow.id)).toEqual(ONCE_EACH);
}

test.each([
  ["the engine", ["workflow-engine"]],
  ["the router", ["router"]],
  ["the coordinator", ["group-coordinator"]],
  ["one agent of each type", ["architects-1", "backend-1", "frontend-1", "qa-1"]],
  ["engine, router and coordinator at once", ["workflow-engine", "router", "group-coordinator"]],
])(
  "a workflow completes, each task recorded once, when %s is killed on the way",
  async (_, names) => {
    await runWithKills(names);
  },
  90_000,
);

/** A workflow of one task, whose agent is struck at the moment. */
async function strike(taskId: string, act: "crash" | "freeze", moment: "started" | "finished") {
  const ambush = hive.chaos.arm({ taskId, act, moment });
  await ambush.armed;
  const workflow = await hive.submit({ name: taskId, tasks: [{ id: taskId, agentType: "backend", handler: "noop" }] });
  const [record] = await ambush.done;
  return { workflow, struck: record! };
}

/** The history of a task once it has the outcome: a lost delivery may be recorded a moment after the workflow's end. */
function attemptsOnce(workflowId: string, taskId: string, outcome: AttemptView["outcome"]): Promise<AttemptView[]> {
  return hive.until(
    `${outcome} in the history of ${taskId}`,
    () => hive.attemptsOf(workflowId, taskId),
    (attempts) => attempts.some((attempt) => attempt.outcome === outcome),
  );
}

test("a task whose process is killed under it is claimed, not repeated as another attempt", async () => {
  const { workflow, struck } = await strike("killed", "crash", "started");
  expect((await hive.ended(workflow.id)).state).toBe("succeeded");
  const attempts = await attemptsOnce(workflow.id, "killed", "crashed");
  expect(
    attempts.map(({ outcome, attempt, incarnation }) => [outcome, attempt, incarnation === struck.incarnation]),
  ).toEqual([
    ["crashed", 1, true],
    ["succeeded", 1, false],
  ]);
}, 60_000);

test("a result of a process that was frozen and thawed is refused, counted and without effect (I3)", async () => {
  const { workflow, struck } = await strike("frozen", "freeze", "finished");
  expect((await hive.ended(workflow.id)).state).toBe("succeeded");
  const before = await attemptsOnce(workflow.id, "frozen", "frozen");
  expect(before.map(({ outcome }) => outcome)).toEqual(["frozen", "succeeded"]);

  await hive.chaos.recoverAgent(struck.agentId, struck.group);
  await hive.events.find("the refusal", ({ type, taskId }) => type === "task.fenced" && taskId === "frozen", 10_000);
  expect(await hive.attemptsOf(workflow.id, "frozen")).toEqual(before);

  // It learns that it is dead and goes on as a new incarnation.
  const consumers = () => hive.client.groups().then((groups) => groups.flatMap((group) => group.consumers));
  const again = await hive.until("its new incarnation", consumers, (all) =>
    all.some(({ agentId }) => agentId === struck.agentId),
  );
  expect(again.find(({ agentId }) => agentId === struck.agentId)!.incarnation).not.toBe(struck.incarnation);
}, 60_000);
