import { taskKeyOf, workflowDefinitionSchema } from "@agent-hive/contracts";
import { EpochStore, WorkflowStore, createPool } from "@agent-hive/persistence";
import { newTraceparent } from "@agent-hive/telemetry";
import { uuidv7 } from "uuidv7";
import { planWorkflow } from "../submission/plan-workflow.js";
import { agentTypesOf } from "@agent-hive/service-kit";
import { eventually, OwnRedis } from "@agent-hive/testing";
import { validate } from "../http/validation.js";
import { resultEnvelope } from "../test-fixtures/fake-agents.js";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

const task = (id: string, dependsOn: string[] = [], more: object = {}) => ({
  id,
  agentType: "backend",
  dependsOn,
  ...more,
});

/** What an engine does before it dies: writes to PostgreSQL and to nothing else. */
async function withStore<T>(
  hive: TestHive,
  work: (store: WorkflowStore, epochs: EpochStore) => Promise<T>,
): Promise<T> {
  const pool = createPool({ url: hive.database.url, applicationName: "test" });
  try {
    return await work(new WorkflowStore(pool), new EpochStore(pool));
  } finally {
    await pool.end();
  }
}

async function storeWithoutPublishing(hive: TestHive, tasks: object[]): Promise<string> {
  const definition = validate(workflowDefinitionSchema, { name: "stored", tasks }, "definition");
  const agentTypes = agentTypesOf({ HIVE_LOAD_HANDLERS: true });
  const { workflow } = planWorkflow(definition, { agentTypes, id: uuidv7(), traceparent: newTraceparent() });
  await withStore(hive, (store) => store.submit([workflow!], { free: { backend: 100 } }));
  return workflow!.id;
}

describe("after an engine died", () => {
  let hive: TestHive;
  beforeEach(async () => {
    hive = await startHive({ handle: null });
  });
  afterEach(() => hive.stop());

  test("between committing a submission and publishing it, the sweeper publishes at the same attempt", async () => {
    const id = await storeWithoutPublishing(hive, [task("only")]);
    await hive.startAgents();
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded" });
    expect((await hive.attempts(id)).map((attempt) => attempt.attempt)).toEqual([1]);
  });

  test("between recording a result and publishing what follows, the redelivered result brings it up again", async () => {
    const id = await storeWithoutPublishing(hive, [task("first"), task("second", ["first"])]);
    const { redis, keys } = hive;
    await eventually(
      () => redis.xlen(keys.dispatch),
      (length) => length === 1,
    );
    await hive.engine.stop();
    const end = { workflowId: id, position: 0, attempt: 1, agentType: "backend" };
    const by = { incarnation: "i", agentId: "a", entryId: "1-1", startedAtMs: 0 };
    const times = { startedAtMs: 0, finishedAtMs: 1, runMs: 1 };
    const outcome = { status: "succeeded", output: "1" } as const;
    await withStore(hive, (store) =>
      store.recordBatch({ results: [{ ...end, ...by, ...times, outcome }] }, { backend: 100 }),
    );
    const result = resultEnvelope({ ...end, taskId: "first" }, { status: "succeeded", output: 1 }, by);
    await hive.addResults({ ...by, agentType: "backend" }, result);

    await hive.startEngine();
    const index = await eventually(
      () => redis.hgetall(keys.inFlight("backend")),
      (seen) => taskKeyOf(id, 1) in seen,
      900,
    );
    expect(index).toEqual({ [taskKeyOf(id, 1)]: "1" });
    expect(await redis.xlen(keys.results)).toBe(0);
  });

  test("three engines share the results, and when one stops in the middle none is lost or counted twice", async () => {
    await hive.startEngine();
    await hive.startEngine();
    await hive.startAgents();
    await hive.submit({ name: "wide", tasks: Array.from({ length: 300 }, (_, i) => task(`wide-${i}`)) });
    await hive.engine.stop();
    const statistics = await withStore(hive, (store) =>
      eventually(
        () => store.statistics(),
        ({ workflows }) => workflows.running === 0,
      ),
    );
    expect(statistics).toMatchObject({
      workflows: { succeeded: 1 },
      tasks: { succeeded: 300 },
      attempts: { succeeded: 300 },
    });
    const { redis, keys } = hive;
    await eventually(
      () => redis.hlen(keys.inFlight("backend")),
      (count) => count === 0,
    );
    await eventually(
      () => redis.xlen(keys.results),
      (length) => length === 0,
    );
  });
});

test("a work stream that was deleted while nobody looked costs no attempt", async () => {
  const hive = await startHive({ handle: null });
  try {
    const id = await hive.submit({ name: "one", tasks: [task("only")] });
    await eventually(
      () => hive.redis.xlen(hive.keys.dispatch),
      (length) => length === 1,
    );
    await hive.engine.stop();
    await hive.redis.del(hive.keys.dispatch);
    await hive.startEngine();
    await eventually(
      () => hive.redis.xlen(hive.keys.dispatch),
      (length) => length === 1,
    );
    expect(await hive.redis.hget(hive.keys.inFlight("backend"), taskKeyOf(id, 0))).toBe("1");
  } finally {
    await hive.stop();
  }
});

describe("with tasks that nobody finishes", () => {
  let hive: TestHive;
  beforeAll(async () => {
    hive = await startHive({ handle: () => undefined });
  });
  afterAll(() => hive.stop());

  test("fields of the index that stand for nothing are dropped; the others stay", async () => {
    const id = await hive.submit({ name: "held", tasks: [task("held")] });
    const { redis, keys } = hive;
    const key = taskKeyOf(id, 0);
    await eventually(
      () => redis.hget(keys.inFlight("backend"), key),
      (value) => value === "1",
    );
    const unknown = taskKeyOf(uuidv7(), 3);
    await redis.hset(keys.inFlight("backend"), unknown, "1");
    await eventually(
      () => redis.hget(keys.inFlight("backend"), unknown),
      (value) => value === null,
    );
    expect(await redis.hget(keys.inFlight("backend"), key)).toBe("1");
  });

  test("a holder that reports the task beyond its time is not waited for", async () => {
    const retry = { maxAttempts: 1 };
    const id = await hive.submit({ name: "wedged", tasks: [task("wedged", [], { timeoutMs: 100, retry })] });
    const workflow = await eventually(
      () => hive.workflow(id),
      ({ state }) => state !== "running",
      15_000,
    );
    expect(workflow.state).toBe("failed");
    expect((await hive.attempts(id)).map((attempt) => attempt.outcome)).toEqual(["timed-out"]);
  }, 20_000);
});

describe("when Redis loses its data", () => {
  let redisServer: OwnRedis;
  let hive: TestHive;
  beforeEach(async () => {
    redisServer = await OwnRedis.start();
  });
  afterEach(async () => {
    await hive.stop();
    await redisServer.stop();
  });

  test("a new epoch begins and what was in flight is dispatched again, uncharged", async () => {
    hive = await startHive({ handle: null, redisUrl: redisServer.url });
    const wide = Array.from({ length: 200 }, (_, i) => task(`wide-${i}`, [], { retry: { maxAttempts: 1 } }));
    const id = await hive.submit({
      name: "wide",
      tasks: [
        ...wide,
        task(
          "end",
          wide.map((each) => each.id),
        ),
      ],
    });
    const { redis, keys } = hive;
    await eventually(
      () => redis.hlen(keys.inFlight("backend")),
      (count) => count > 0,
    );
    const before = Number(await redis.get(keys.epoch));
    await redis.flushall();
    const after = await eventually(
      () => redis.get(keys.epoch),
      (epoch) => epoch !== null,
      3000,
    );
    expect(Number(after)).toBe(before + 1);
    await eventually(
      () => redis.hlen(keys.inFlight("backend")),
      (count) => count > 0,
      3000,
    );
    await hive.startAgents();
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { total: 201, succeeded: 201 } });
    const outcomes = (await hive.attempts(id)).map((attempt) => attempt.outcome);
    expect(outcomes.filter((outcome) => outcome === "succeeded")).toHaveLength(201);
    expect(outcomes.filter((outcome) => outcome === "lost").length).toBeGreaterThan(0);
  }, 20_000);

  test("an engine that died before it wrote the new epoch leaves it to the next one, which begins no other", async () => {
    hive = await startHive({ handle: null, redisUrl: redisServer.url });
    const { redis, keys } = hive;
    await hive.engine.stop();
    const next = await withStore(hive, async (_, epochs) => epochs.advance((await epochs.read()).epoch));
    await redis.flushall();
    await hive.startEngine();
    expect(await redis.get(keys.epoch)).toBe(String(next));
    expect(await withStore(hive, (_, epochs) => epochs.read())).toEqual({ epoch: next, isWritten: true });
  });

  test("while agents work on it, everything still finishes once", async () => {
    const handle = async (): Promise<{ status: "succeeded" }> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: "succeeded" };
    };
    hive = await startHive({ handle, redisUrl: redisServer.url });
    const wide = Array.from({ length: 400 }, (_, i) => task(`wide-${i}`));
    const id = await hive.submit({
      name: "wide",
      tasks: [
        ...wide,
        task(
          "end",
          wide.map((each) => each.id),
        ),
      ],
    });
    await eventually(
      () => hive.workflow(id),
      ({ tasks }) => tasks.succeeded > 50,
    );
    await hive.redis.flushall();
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { succeeded: 401 } });
    const succeeded = (await hive.attempts(id)).filter((attempt) => attempt.outcome === "succeeded");
    expect(new Set(succeeded.map((attempt) => attempt.taskId)).size).toBe(succeeded.length);
  }, 30_000);
});

test("the engine refuses to start on a Redis that evicts, and says what to do", async () => {
  const redisServer = await OwnRedis.start(["--maxmemory-policy", "allkeys-lru"]);
  try {
    await expect(startHive({ handle: null, redisUrl: redisServer.url })).rejects.toThrow(
      /redis-cli CONFIG SET maxmemory-policy noeviction/,
    );
  } finally {
    await redisServer.stop();
  }
});
