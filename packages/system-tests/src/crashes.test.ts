/**
 * Real processes are killed in the middle of a workflow; it completes, and every task is recorded once (I1, I2).
 */
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

test("a task whose process is killed under it is claimed, not repeated as another attempt", async () => {
  const workflow = await hive.submit({
    name: "held",
    tasks: [{ id: "held", agentType: "backend", handler: "hash", input: { bytes: 1_500_000_000 } }],
  });
  const running = () => hive.client.groups().then((groups) => groups.flatMap(({ consumers }) => consumers));
  const consumers = await hive.until("a running task", running, (all) => all.some((each) => each.running.length > 0));
  const holder = consumers.find((each) => each.running.length > 0)!;
  process.kill(holder.pid, "SIGKILL");
  expect((await hive.ended(workflow.id)).state).toBe("succeeded");
  const attempts = await hive.attemptsOf(workflow.id, "held");
  expect(attempts.map(({ outcome, attempt }) => ({ outcome, attempt }))).toEqual([
    { outcome: "crashed", attempt: 1 },
    { outcome: "succeeded", attempt: 1 },
  ]);
}, 90_000);
