import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import type { AddressInfo } from "node:net";
import { parsePayload, deadLetterPayloadSchema, type TaskEntry } from "@agent-hive/contracts";
import { eventually, OwnRedis } from "@agent-hive/testing";
import type { TaskContext } from "./task.js";
import { BACKEND, TestHive } from "./test-fixtures/test-hive.js";

let hive: TestHive;
beforeEach(async () => {
  hive = await TestHive.open();
});
afterEach(() => hive.close());

const inFlight = ({ taskKey, agentType }: TaskEntry) =>
  hive.manager.call("HGET", [hive.keys.inFlight(agentType), taskKey]);

/** A handler that tells when it runs, and ends when it is let go. */
function gate() {
  const entered = Promise.withResolvers<TaskContext>();
  const opened = Promise.withResolvers<unknown>();
  const execute = (_: unknown, context: TaskContext) => {
    entered.resolve(context);
    return opened.promise;
  };
  return { execute, entered: entered.promise, open: opened.resolve };
}

/** An engine's HTTP of which a test answers the requests. */
async function engine(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  hive.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a task's result is added, its entry is gone, and the index says done", async () => {
  await hive.agent({ double: ({ input }) => (input as number) * 2 });
  const task = await hive.publish({ handler: "double", input: 21 });
  expect(await hive.resultOf(task)).toMatchObject({
    outcome: { status: "succeeded", output: 42 },
    entryId: task.entryId,
  });
  expect(await hive.results()).toMatchObject([
    { t: "results", g: "backend", n: "agent-1", i: expect.stringMatching(/^agent-1\../) },
  ]);
  expect(await inFlight(task)).toBe("1:done");
  expect(await hive.backlog()).toEqual({ length: 0, pending: 0 });
  const [item] = await hive.resultItems();
  expect(item!.tp!.slice(0, 35)).toBe(task.traceparent.slice(0, 35));
  expect(item!.tp).not.toBe(task.traceparent);
});

test("onlookers hear what starts, how far it is, and what was sent", async () => {
  const handler = async (_: unknown, context: TaskContext) => {
    for (let step = 1; step <= 100; step++) context.progress(step / 200, { step });
    await new Promise((resolve) => setTimeout(resolve, 150));
  };
  await hive.agent({ handler });
  const task = await hive.publish({ handler: "handler" });
  await hive.resultOf(task);
  const events = await eventually(
    () => hive.events(),
    (all) => all.some(({ type }) => type === "task.result-sent"),
  );
  expect(events.map(({ type }) => type)).toEqual(["task.started", "task.progress", "task.result-sent"]);
  expect(events[1]).toMatchObject({ data: { fraction: 0.5, step: 100 }, agentId: "agent-1", attempt: 1 });
});

test("what cannot be run is a dead letter with its reason, and leaves the stream", async () => {
  await hive.agent({ system_design: () => 1 });
  const missing = await hive.publish({ handler: "system_desing" });
  await hive.manager.call("XADD", [hive.keys.stream(BACKEND.stream), "*", "v", "1", "t", "task", "m", "nonsense"]);
  const results = await eventually(
    () => hive.results(),
    (all) => all.length === 2,
  );
  const letters = results.map((each) => each.t === "dead-letter" && parsePayload(deadLetterPayloadSchema, each.m));
  expect(letters).toMatchObject([
    { value: { reason: "HANDLER_MISSING", message: expect.stringContaining('Did you mean "system_design"?') } },
    { value: { reason: "UNPARSEABLE", fields: { m: "nonsense" } } },
  ]);
  expect(await inFlight(missing)).toBe("1:done");
  expect(await hive.backlog()).toEqual({ length: 0, pending: 0 });
});

test("an entry of a superseded attempt is dropped and not run", async () => {
  const ran: number[] = [];
  const task = await hive.publish({ handler: "act", attempt: 1 });
  await hive.manager.call("HSET", [hive.keys.inFlight("backend"), task.taskKey, "2"]);
  await hive.agent({ act: ({ attempt }) => void ran.push(attempt) });
  await eventually(
    () => hive.backlog(),
    ({ length }) => length === 0,
  );
  expect({ ran, results: await hive.results() }).toEqual({ ran: [], results: [] });
});

test("a result whose entry another consumer took over is dropped, and so is a checkpoint, which stops the handler", async () => {
  const first = gate();
  const second = gate();
  const agent = await hive.agent({ first: first.execute, second: second.execute }, { slots: 2 });
  const tasks = [await hive.publish({ handler: "first" }), await hive.publish({ handler: "second" })];
  const [, context] = await Promise.all([first.entered, second.entered]);
  const ids = tasks.map(({ entryId }) => entryId);
  await hive.manager.call("XCLAIM", [hive.keys.stream(BACKEND.stream), BACKEND.group, "thief", "0", ...ids]);
  first.open("late");
  await expect(context.checkpoint({ step: 1 })).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect(context.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  await eventually(
    () => agent.status,
    ({ running, lost }) => running === 0 && lost === 1,
  );
  expect(await hive.results()).toEqual([]);
  expect((await hive.backlog()).pending).toBe(2);
});

test("a checkpoint is passed on, the latest stays, and the next agent resumes from it", async () => {
  const { execute, entered } = gate();
  const first = await hive.agent({ act: execute });
  const task = await hive.publish({ handler: "act" });
  const context = await entered;
  await context.checkpoint({ step: 1 });
  await context.checkpoint({ step: 2 });
  first.quiet();
  await first.handBack();
  await hive.agent({ act: async ({ checkpoint }, { checkpoint: save }) => (await save({ step: 3 }), checkpoint) });
  expect((await hive.resultOf(task)).outcome).toEqual({ status: "succeeded", output: { step: 2 } });
  const saved = (await hive.results()).flatMap((each) =>
    each.t === "checkpoint" ? [JSON.parse(each.m) as object] : [],
  );
  expect(saved).toMatchObject([1, 2, 3].map((step) => ({ sequence: step, data: { step } })));
});

test("a checkpoint that is too large is refused by name", async () => {
  await hive.agent({ act: (_, context) => context.checkpoint("x".repeat(70_000)) });
  const task = await hive.publish({ handler: "act" });
  expect((await hive.resultOf(task)).outcome).toMatchObject({
    status: "failed",
    retryable: false,
    error: { code: "CHECKPOINT_TOO_LARGE", message: expect.stringContaining("65536") },
  });
});

test("a cancelled workflow's task is interrupted, and its entry does not stay", async () => {
  const { execute, entered } = gate();
  await hive.agent({ act: execute });
  const task = await hive.publish({ handler: "act" });
  const { signal } = await entered;
  await hive.manager.publishControl({ type: "cancel", workflowId: task.taskKey.split(":")[0]! });
  expect((await hive.resultOf(task)).outcome).toMatchObject({ status: "failed", error: { code: "CANCELLED" } });
  expect(signal.reason).toMatchObject({ code: "CANCELLED" });
  expect(await hive.backlog()).toEqual({ length: 0, pending: 0 });
});

test("outputs of other tasks are asked for until the engine answers; a refusal is final", async () => {
  const answers = [503, 429, 200];
  const asked: string[] = [];
  const engineUrl = await engine((request, response) => {
    asked.push(request.url!);
    const status = request.url!.includes("unknown") ? 404 : answers.shift()!;
    response.writeHead(status).end(status === 200 ? '{"tables":3}' : "");
  });
  await hive.agent({ read: ({ input }, context) => context.outputOf(input as string) }, { engineUrl });
  const task = await hive.publish({ handler: "read", input: "database design" });
  expect((await hive.resultOf(task)).outcome).toEqual({ status: "succeeded", output: { tables: 3 } });
  const workflowId = task.taskKey.split(":")[0]!;
  expect(asked).toEqual(Array(3).fill(`/v1/workflows/${workflowId}/tasks/database%20design/output`));
  const refused = await hive.publish({ handler: "read", input: "unknown" });
  expect((await hive.resultOf(refused)).outcome).toMatchObject({ retryable: false, error: { code: "ENGINE_REFUSED" } });
});

test("while the engine is away, waiting for an output ends with the attempt's time", async () => {
  await hive.agent({ read: (_, context) => context.outputOf("any") });
  const task = await hive.publish({ handler: "read", timeoutMs: 300 });
  expect((await hive.resultOf(task)).outcome).toEqual({ status: "timed-out", timeoutMs: 300 });
});

test("a large output is stored under its hash before its result is sent", async () => {
  const stored = new Map<string, Buffer>();
  const engineUrl = await engine(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isPacked = request.headers["content-encoding"] === "gzip";
    stored.set(`${request.method} ${request.url}`, isPacked ? gunzipSync(body) : body);
    response.writeHead(201).end();
  });
  const text = "ü".repeat(50_000);
  await hive.agent({ write: () => ({ text }) }, { engineUrl });
  const task = await hive.publish({ handler: "write" });
  const bytes = Buffer.from(JSON.stringify({ text }));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect((await hive.resultOf(task)).outcome).toEqual({
    status: "succeeded",
    artifact: { sha256, bytes: bytes.byteLength },
  });
  expect(stored.get(`PUT /v1/artifacts/${sha256}`)?.equals(bytes)).toBe(true);
});

test("many tasks through many slots: each has one result", async () => {
  const tasks = await Promise.all(Array.from({ length: 2000 }, () => hive.publish({ handler: "echo" })));
  const agents = await Promise.all([1, 2, 3].map(() => hive.agent({ echo: ({ input }) => input }, { slots: 64 })));
  await eventually(
    () => agents.reduce((sum, { status }) => sum + status.completed, 0),
    (sum) => sum === 2000,
    20_000,
  );
  const keys = (await hive.attemptResults()).map(({ taskKey }) => taskKey);
  expect(keys.length).toBe(2000);
  expect(new Set(keys)).toEqual(new Set(tasks.map(({ taskKey }) => taskKey)));
});

describe("with a Redis of its own", () => {
  let redis: OwnRedis;
  let own: TestHive;
  beforeEach(async () => {
    redis = await OwnRedis.start();
    own = await TestHive.open(redis.url);
  });
  afterEach(async () => {
    await own.close();
    await redis.stop();
  });

  test("a task that ends while Redis is away is completed when it is back", async () => {
    const { execute, entered, open } = gate();
    const agent = await own.agent({ act: execute });
    const task = await own.publish({ handler: "act" });
    await entered;
    await redis.kill();
    open("done meanwhile");
    await eventually(
      () => agent.status,
      ({ running }) => running === 0,
    );
    await redis.start();
    await eventually(
      () => own.manager.call("PING", []).catch(String),
      (answer) => answer === "PONG",
    );
    expect((await own.resultOf(task, 15_000)).outcome).toEqual({ status: "succeeded", output: "done meanwhile" });
    const next = await own.publish({ handler: "act" });
    expect((await own.resultOf(next)).outcome.status).toBe("succeeded");
  }, 30_000);

  test("when Redis has lost everything, what runs is dropped, and the new epoch's tasks run", async () => {
    const { execute, entered, open } = gate();
    const agent = await own.agent({ act: execute, next: () => "new" });
    const { incarnation } = agent.status;
    await own.publish({ handler: "act" });
    const { signal } = await entered;
    await own.manager.call("FLUSHALL", []);
    await own.manager.writeEpoch("2", null);
    await own.manager.ensureGroup({ stream: own.keys.results, group: "workflow_engines" });
    await own.manager.ensureGroup({ stream: own.keys.stream(BACKEND.stream), group: BACKEND.group });
    const task = await own.publish({ handler: "next" });
    expect((await own.resultOf(task, 15_000)).outcome).toMatchObject({ output: "new" });
    open("late");
    expect(signal.reason).toMatchObject({ code: "LEASE_LOST" });
    expect(agent.status.incarnation).not.toBe(incarnation);
    await eventually(
      () => agent.status,
      ({ running }) => running === 0,
    );
    expect(await own.attemptResults()).toHaveLength(1);
  }, 30_000);
});
