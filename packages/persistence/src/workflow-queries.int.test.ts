import { attemptViewSchema, deadLetterViewSchema, taskViewSchema, workflowViewSchema } from "@agent-hive/contracts";
import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import type { DataSource } from "typeorm";
import { createDataSource } from "./database.js";
import { runMigrations } from "./migrate.js";
import { schemaFingerprint } from "./sql.js";
import { openHiveDatabase, type HiveDatabase } from "./test-fixtures/hive-database.js";
import { failure, planOf, PLENTY, resultFor } from "./test-fixtures/plans.js";
import { WorkflowQueries } from "./workflow-queries.js";

let database: TestDatabase;
let hive: HiveDatabase;
let dataSource: DataSource;
let queries: WorkflowQueries;

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
  hive = openHiveDatabase(database.url);
  dataSource = await createDataSource({ url: database.url, applicationName: "queries-test" }).initialize();
  queries = new WorkflowQueries(dataSource);
});
afterEach(() => hive.pool.query("truncate workflow, task, ready_queue, delayed_queue, attempt_history, dead_letter"));
afterAll(async () => {
  await dataSource.destroy();
  await hive.pool.end();
  await database.drop();
});

const diamond = () => planOf([{}, { dependsOn: [0] }, { dependsOn: [0], agentType: "b" }, { dependsOn: [1, 2] }]);

test("a workflow tells where its trace is, if that is known and the trace is kept", async () => {
  const plan = diamond();
  await hive.store.submit([plan], { free: PLENTY });
  expect((await queries.workflow(plan.id))!.traceUrl).toBeUndefined();
  const told = new WorkflowQueries(dataSource, "http://jaeger/trace/{traceId}");
  const view = workflowViewSchema.parse(await told.workflow(plan.id));
  expect(view.traceUrl).toBe(`http://jaeger/trace/${view.traceparent.split("-")[1]}`);
});

test("a workflow shows what became of its tasks, and why it failed", async () => {
  const plan = diamond();
  const { dispatched } = await hive.store.submit([plan], { free: PLENTY });
  expect(await queries.workflow(plan.id)).toMatchObject({
    state: "running",
    tasks: { total: 4, live: 4 },
    failure: null,
  });
  await hive.store.recordBatch({ results: [resultFor(dispatched[0]!, failure(false))] }, PLENTY);
  const view = await queries.workflow(plan.id);
  expect(workflowViewSchema.parse(view)).toMatchObject({
    state: "failed",
    tasks: { total: 4, succeeded: 0, failed: 1, cancelled: 3, dead: 0, live: 0 },
    failure: { taskId: "t0", error: { code: "boom", message: "it went wrong" } },
  });
  expect(await queries.workflow("01990000-0000-7000-8000-00000000ffff")).toBeNull();
});

test("lists begin with the newest and go on at the cursor, by state if asked", async () => {
  const plans = Array.from({ length: 5 }, diamond);
  await hive.store.submit(plans);
  await hive.store.cancel(plans[2]!.id);
  const newestFirst = plans.map(({ id }) => id).toReversed();
  const first = await queries.list({ limit: 3 });
  expect(first.workflows.map(({ id }) => id)).toEqual(newestFirst.slice(0, 3));
  const second = await queries.list({ limit: 3, cursor: first.next! });
  expect([second.workflows.map(({ id }) => id), second.next]).toEqual([newestFirst.slice(3), null]);
  expect((await queries.list({ state: "cancelled" })).workflows.map(({ id }) => id)).toEqual([plans[2]!.id]);
});

test("tasks come in the order of positions, with the names of what they depend on", async () => {
  const plan = diamond();
  await hive.store.submit([plan], { free: PLENTY });
  const tasks = (await queries.tasks(plan.id)).map((task) => taskViewSchema.parse(task));
  expect(tasks.map(({ id, state, dependsOn }) => [id, state, dependsOn])).toEqual([
    ["t0", "dispatched", []],
    ["t1", "waiting", ["t0"]],
    ["t2", "waiting", ["t0"]],
    ["t3", "waiting", ["t1", "t2"]],
  ]);
  expect(await queries.task(plan.id, "t3")).toEqual(tasks[3]);
  expect(await queries.task(plan.id, "t9")).toBeNull();
  expect(await queries.tasks("01990000-0000-7000-8000-00000000ffff")).toEqual([]);
});

test("attempts tell a task's history, or a workflow's", async () => {
  const plan = diamond();
  const { dispatched } = await hive.store.submit([plan], { free: PLENTY });
  await hive.store.recordBatch({ results: [resultFor(dispatched[0]!, failure())] }, PLENTY);
  await hive.store.releaseDue();
  const [again] = await hive.store.fillWindows(PLENTY);
  const { dispatched: next } = await hive.store.recordBatch({ results: [resultFor(again!)] }, PLENTY);
  await hive.store.recordBatch({ results: [resultFor(next[0]!)] }, PLENTY);
  const ofTask = (await queries.attempts(plan.id, "t0")).map((attempt) => attemptViewSchema.parse(attempt));
  expect(ofTask.map(({ attempt, outcome, error }) => [attempt, outcome, error?.code])).toEqual([
    [1, "failed", "boom"],
    [2, "succeeded", undefined],
  ]);
  expect((await queries.attempts(plan.id)).map(({ taskId }) => taskId)).toEqual(["t0", "t0", next[0]!.taskId]);
  expect(await queries.attempts(plan.id, "t9")).toEqual([]);
});

test("dead letters come newest first, page by page, with the task that they name", async () => {
  const plan = planOf([{}]);
  const { dispatched } = await hive.store.submit([plan], { free: PLENTY });
  const letter = {
    reason: "UNPARSEABLE" as const,
    message: "?",
    stream: "s",
    incarnation: "i",
    agentId: "a",
    fields: { m: "{" },
  };
  await hive.store.recordBatch({ deadLetters: [{ ...letter, entryId: "1-0", task: null }] }, {});
  await hive.store.recordBatch({ deadLetters: [{ ...letter, entryId: "2-0", task: dispatched[0]! }] }, {});
  const first = await queries.deadLetters({ limit: 1 });
  expect(deadLetterViewSchema.parse(first.deadLetters[0])).toMatchObject({
    reason: "UNPARSEABLE",
    workflowId: plan.id,
    taskId: "t0",
    attempt: 1,
    entryId: "2-0",
    fields: { m: "{" },
  });
  const second = await queries.deadLetters({ cursor: first.next! });
  expect(second.deadLetters.map(({ entryId, taskId }) => [entryId, taskId])).toEqual([["1-0", null]]);
  expect(second.next).toBeNull();
});
