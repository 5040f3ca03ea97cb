/**
 * Handlers that fail in every way there is: each ends in a clear error or a dead letter with its history, and a healthy
 * workflow beside them does not suffer.
 */
import { elevenTasks, faulty } from "./definitions.js";
import { TestHive } from "./test-hive.js";

let hive: TestHive;

beforeAll(async () => {
  hive = await TestHive.start({ agentsPerType: { architects: 1, backend: 2, frontend: 1, qa: 1 } });
}, 120_000);

afterAll(() => hive?.stop(), 60_000);

/** Runs the definition beside a healthy workflow, which must succeed. */
async function runBeside(definition: ReturnType<typeof faulty>) {
  const [bad, good] = await hive.client.submitAll([definition, elevenTasks("noop")]);
  const [ended, healthy] = await Promise.all([hive.ended(bad!.id), hive.ended(good!.id)]);
  expect(healthy.state).toBe("succeeded");
  return { ended, attempts: await hive.client.attempts(bad!.id), tasks: await hive.client.tasks(bad!.id) };
}

test("a handler that throws is tried again, then fails its workflow with its own message", async () => {
  const { ended, attempts } = await runBeside(faulty("throw"));
  expect(ended).toMatchObject({ state: "failed", failure: { taskId: "throw" } });
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
}, 60_000);

test("an error that repeating cannot help is not repeated", async () => {
  const { ended, attempts } = await runBeside(faulty("terminal"));
  expect(ended.state).toBe("failed");
  expect(attempts).toHaveLength(1);
}, 60_000);

test("a handler that never returns is timed out, on every attempt", async () => {
  const { ended, attempts } = await runBeside(faulty("never-return", { timeoutMs: 300 }));
  expect(ended.state).toBe("failed");
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["timed-out", "timed-out"]);
}, 60_000);

test("a handler that ends its process becomes a dead letter once it has done so alone three times", async () => {
  const { ended, attempts, tasks } = await runBeside(faulty("exit"));
  expect(ended).toMatchObject({ state: "failed", failure: { error: { code: "POISON" } } });
  expect(tasks[0]!.state).toBe("dead");
  expect(attempts.filter(({ outcome }) => outcome === "crashed").length).toBeGreaterThanOrEqual(3);
  const letters = await hive.client.deadLetters();
  expect(letters.some(({ workflowId, reason }) => workflowId === ended.id && reason === "POISON")).toBe(true);
}, 90_000);

test("a handler that nobody has becomes a dead letter that names it", async () => {
  const { ended, tasks } = await runBeside({
    name: "missing",
    tasks: [{ id: "missing", agentType: "backend", handler: "no_such_handler" }],
  });
  expect(ended.state).toBe("failed");
  expect(ended.failure!.error.message).toContain("no_such_handler");
  expect(tasks[0]!.state).toBe("dead");
}, 60_000);
