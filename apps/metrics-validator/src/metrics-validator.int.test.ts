/** The validator on real stores: what it measures of a small hive, and how it answers. */
import { hostname } from "node:os";
import { createPool } from "@agent-hive/persistence";
import { freePort, waitFor } from "@agent-hive/testing";
import { MOST_RUNS } from "./runs/run-book.js";
import { HEALTHY, SmallHive, STRUCK } from "./test-fixtures/small-hive.js";
import { measurementOf, Validator, violationsOf } from "./test-fixtures/validator.js";

let hive: SmallHive;
let validator: Validator;
const others: Validator[] = [];

beforeAll(async () => {
  hive = await SmallHive.start();
  validator = await Validator.start(hive.env);
});
afterEach(async () => void (await Promise.all(others.splice(0).map((other) => other.stop()))));
afterAll(async () => {
  await validator.stop();
  await hive.stop();
});
beforeEach(() => hive.clear());

async function another(env: Record<string, string>): Promise<Validator> {
  const started = await Validator.start({ ...hive.env, ...env });
  others.push(started);
  return started;
}
const problem = async (response: Response) => {
  expect(response.headers.get("content-type")).toMatch("application/problem+json");
  return { status: response.status, ...((await response.json()) as { code: string; errors?: { path: string }[] }) };
};

test("a run is measured from beginning to end: rates, recovery, critical path, shares, invariants, targets", async () => {
  const id = await validator.begin({ name: "crash" });
  await hive.runOne();
  const { id: crashed, act } = await hive.runWithCrash();
  expect((await validator.post(`/v1/runs/${id}/acts`, { acts: [act] })).status).toBe(200);
  const measured = await validator.end(id, { atRest: true });

  expect(violationsOf(measured.invariants)).toEqual([]);
  expect(measured.invariants.filter(({ holds }) => !holds)).toEqual([]);
  expect(measured.completion).toEqual({ workflows: 2, succeeded: 2, rate: 1 });
  expect(measured.recoveries).toEqual([
    expect.objectContaining({ workflowId: crashed, taskId: "top", incarnation: STRUCK, recoveredBy: HEALTHY }),
  ]);
  const { noticedMs, runningMs, recordedMs } = measured.recoveries[0]!;
  expect(noticedMs).toBeGreaterThanOrEqual(4);
  expect(runningMs).toBeGreaterThanOrEqual(noticedMs!);
  expect(recordedMs).toBeGreaterThan(runningMs!);
  const critical = measured.tasks.filter(({ workflowId, isCritical }) => workflowId === crashed && isCritical);
  expect(critical.map(({ taskId }) => taskId)).toEqual(["top", expect.stringMatching(/left|right/), "bottom"]);
  const messages = Object.fromEntries(
    measured.throughput.streams.map(({ stream, messages: count }) => [stream, count]),
  );
  // Eight results, and the crash that was noted.
  expect(messages).toMatchObject({ "workflow:dispatch": 8, "workflow:results": 9 });
  const backend = measured.groups.find(({ agentType }) => agentType === "backend")!;
  expect(backend).toMatchObject({ slots: 4, length: 0, pending: 0, lag: 0 });
  expect(backend.consumers).toContainEqual({
    agentId: "agent-backend",
    incarnation: "agent-backend",
    recorded: 4,
    share: 1,
    lost: 0,
  });
  const verdicts = Object.fromEntries(measured.targets.map((target) => [target.id, target.verdict]));
  expect(verdicts).toMatchObject({ completion: "aim met", "messages-per-second": "not measured" });
});

test("an ended run stays as it was, whatever is done to the records afterwards", async () => {
  const id = await validator.begin();
  await hive.runOne();
  const measured = await validator.end(id);
  await hive.sql("delete from attempt_history");
  expect(await validator.measurement(id)).toEqual(measured);
  expect(await validator.end(id)).toEqual(measured);
});

test("a run under way can be looked at, and is given up to date figures", async () => {
  const id = await validator.begin();
  await hive.runOne();
  expect((await validator.measurement(id)).completion.succeeded).toBe(1);
  await hive.runOne();
  expect((await validator.measurement(id)).completion.succeeded).toBe(2);
});

test("deliveries are counted by what the groups have read meanwhile", async () => {
  const stream = hive.keys.stream("agent_messages:backend");
  const deliver = async () => {
    await hive.redis.client.xadd(stream, "*", "k", "v");
    await hive.redis.client.xreadgroup("GROUP", "backend_engineers_consumers", "c", "COUNT", 1, "STREAMS", stream, ">");
  };
  await deliver();
  const id = await validator.begin();
  await deliver();
  await deliver();
  const { streams } = (await validator.end(id)).throughput;
  expect(streams).toContainEqual(expect.objectContaining({ stream: "agent_messages:backend", messages: 2 }));
});

test("processes here are sampled, those elsewhere are named", async () => {
  const id = await validator.begin();
  const measured = await waitFor("a sample", async () => {
    const sofar = await validator.measurement(id);
    return sofar.processes.some(({ samples }) => samples.length > 0) && sofar;
  });
  expect(measured.processes).toEqual([expect.objectContaining({ name: "backend-1", pid: process.pid })]);
  expect(measured.processes[0]!.rssPeakBytes).toBeGreaterThan(10_000_000);
  expect(measured.absent).toEqual([
    expect.stringContaining("another machine (another-machine) are not measured: backend-2"),
  ]);
  expect(hostname()).not.toBe("another-machine");
});

test("a run that wants events has the hive tell them, and only while it goes on", async () => {
  const { client } = hive.redis;
  const quiet = await validator.begin();
  expect(await client.exists(hive.keys.onlookers)).toBe(0);
  const id = await validator.begin({ events: true });
  expect(await client.ttl(hive.keys.onlookers)).toBeGreaterThan(0);
  await Promise.all([validator.end(id), validator.end(quiet)]);
});

test("the latest seconds are measured without a run, as many as are asked for", async () => {
  await hive.runOne();
  const { window, completion } = await measurementOf(await validator.get("/v1/measurements/live?seconds=10"));
  expect(window.seconds).toBeCloseTo(10);
  expect(completion.succeeded).toBe(1);
  expect(await problem(await validator.get("/v1/measurements/live?seconds=61"))).toMatchObject({
    status: 400,
    code: "INVALID_REQUEST",
    errors: [expect.objectContaining({ path: "seconds" })],
  });
});

test("what cannot be understood is refused with its reasons", async () => {
  const id = await validator.begin();
  const acts = [{ kind: "tickle" }];
  expect(await problem(await validator.post(`/v1/runs/${id}/acts`, { acts }))).toMatchObject({
    status: 400,
    errors: expect.arrayContaining([expect.objectContaining({ path: "acts/0/kind" })]),
  });
  expect(await problem(await validator.post("/v1/runs", { nmae: "x" }))).toMatchObject({ code: "INVALID_REQUEST" });
  expect(await problem(await validator.get("/v1/runs/nonsense"))).toMatchObject({ status: 404 });
  expect(await problem(await validator.get("/v1/runs/01990000-0000-7000-8000-000000000000"))).toMatchObject({
    code: "NOT_FOUND",
  });
  await validator.end(id);
  const figures = [{ kind: "throughput", source: "x", of: "tasks", perSecond: 1 }];
  expect(await problem(await validator.post(`/v1/runs/${id}/figures`, { figures }))).toMatchObject({
    code: "CONFLICT",
  });
});

test("of many runs the one that ended is forgotten first, and runs under way never", async () => {
  const fresh = await another({});
  const ids = [];
  for (let count = 0; count < MOST_RUNS; count++) ids.push(await fresh.begin());
  expect(await problem(await fresh.post("/v1/runs"))).toMatchObject({ code: "CONFLICT" });
  await fresh.end(ids[5]!);
  await fresh.begin();
  expect((await fresh.get(`/v1/runs/${ids[5]}`)).status).toBe(404);
  expect((await fresh.get(`/v1/runs/${ids[0]}`)).status).toBe(200);
});

test("of more than may be read one by one everything is counted, and whole workflows are sampled", async () => {
  const small = await another({ HIVE_MEASURED_TASKS: "40" });
  const [id, complete] = [await small.begin(), await validator.begin()];
  const { act, id: crashed } = await hive.runWithCrash();
  await small.post(`/v1/runs/${id}/acts`, { acts: [act] });
  for (let count = 0; count < 30; count++) await hive.runOne();
  const sampled = await small.end(id);
  const all = await validator.end(complete);

  expect(sampled.coverage).toEqual({ workflows: { all: 31, measured: 10 }, tasks: { all: 124, measured: 40 } });
  expect(sampled.tasks).toHaveLength(40);
  expect(sampled.absent).toContainEqual(expect.stringMatching(/^Of 124 tasks 40 were read one by one/));
  expect(sampled.completion).toEqual(all.completion);
  const recorded = ({ throughput, window }: typeof all) => Math.round(throughput.tasksPerSecond * window.seconds);
  expect(recorded(sampled)).toBe(124);
  expect(recorded(all)).toBe(124);
  expect(sampled.recoveries).toEqual([expect.objectContaining({ workflowId: crashed, taskId: "top" })]);
  expect(violationsOf(sampled.invariants)).toEqual([]);
});

test("a workflow that is too large to be read is refused with the way out", async () => {
  const small = await another({ HIVE_MEASURED_TASKS: "3" });
  const id = await small.begin();
  await hive.runOne();
  const answer = await problem(await small.post(`/v1/runs/${id}/end`));
  expect(answer).toMatchObject({
    status: 413,
    code: "OVER_LIMIT",
    detail: expect.stringMatching("HIVE_MEASURED_TASKS"),
  });
  // The run was not ended by the failure.
  expect((await small.post(`/v1/runs/${id}/figures`, { figures: [] })).status).toBe(400);
});

test("without Redis everything that PostgreSQL knows is measured, and what is missing is said", async () => {
  const alone = await another({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const id = await alone.begin();
  await hive.runOne();
  const measured = await alone.end(id);
  expect(measured.completion.succeeded).toBe(1);
  expect(measured.absent).toEqual([expect.stringMatching(/Redis could not be read/)]);
  expect(measured.invariants.find((each) => each.id === "I7")).toMatchObject({ holds: false, checked: 0 });
  expect((await alone.get("/health/ready")).status).toBe(503);
});

test("without PostgreSQL nothing is measured, and health says why", async () => {
  const alone = await another({ DATABASE_URL: `postgres://hive:hive@127.0.0.1:${await freePort()}/hive` });
  expect(await problem(await alone.post("/v1/runs"))).toMatchObject({ status: 503, code: "STORE_UNAVAILABLE" });
  expect((await alone.get("/health/live")).status).toBe(200);
  expect((await alone.get("/health/ready")).status).toBe(503);
});

test("PostgreSQL itself refuses to let it write", async () => {
  const pool = createPool({ url: hive.database.url, applicationName: "reader", readOnly: true });
  await expect(pool.query("delete from workflow")).rejects.toMatchObject({ code: "25006" });
  await pool.end();
});
