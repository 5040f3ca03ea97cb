/** Coordinators as real processes: groups, leadership, stores that are away, and what they answer. */
import { problemSchema } from "@agent-hive/contracts";
import { createTestDatabase, cuttable, freePort, OwnRedis, type TestDatabase, waitFor } from "@agent-hive/testing";
import { TestHive, get } from "./test-fixtures/hive.js";

let redis: OwnRedis;
let database: TestDatabase;
let hive: TestHive;

beforeAll(async () => {
  [redis, database] = await Promise.all([OwnRedis.start(), createTestDatabase()]);
});
afterAll(async () => {
  await redis.stop();
  await database.drop();
});
beforeEach(async () => {
  hive = await new TestHive({ redisUrl: redis.url, databaseUrl: database.url }).open();
});
afterEach(() => hive.close());

test("the configured groups are created, and created again when Redis has lost one", async () => {
  const coordinator = await hive.coordinator("coordinator-1");
  await hive.leads(coordinator);
  const { stream, group } = { stream: hive.keys.stream("agent_messages:qa"), group: "qa_engineers_consumers" };
  const planned = [
    [hive.keys.dispatch, "routers"],
    [hive.keys.results, "workflow_engines"],
    [hive.keys.stream("agent_messages:architects"), "architects_consumers"],
    [hive.keys.stream("agent_messages:backend"), "backend_engineers_consumers"],
    [hive.keys.stream("agent_messages:frontend"), "frontend_developers_consumers"],
    [stream, group],
  ] as const;
  for (const [name, of] of planned) {
    await waitFor(of, async () => (await hive.manager.groupInfo({ stream: name, group: of })).exists);
  }
  await hive.manager.call("DEL", [stream]);
  await waitFor("the group to be there again", async () => (await hive.manager.groupInfo({ stream, group })).exists);
}, 60_000);

test("the status of groups follows their consumers, and is published again after Redis lost it", async () => {
  await hive.leads(await hive.coordinator("coordinator-1"));
  const backend = async () => (await hive.manager.readGroupStatus()).find(({ agentType }) => agentType === "backend");
  const agent = await hive.agent("backend-1");
  await waitFor("its slots", async () => (await backend())?.slots === 2);
  await hive.manager.call("DEL", [hive.keys.groupStatus]);
  await waitFor("its slots again", async () => (await backend())?.slots === 2);
  agent.child.signal("SIGKILL");
  await waitFor("none", async () => (await backend())?.slots === 0);
  expect(await backend()).toMatchObject({ consumers: 0, handlers: ["hold"] });
}, 60_000);

test("when the leader is killed another leads and gives verdicts under a higher term", async () => {
  const first = await hive.coordinator("coordinator-1");
  const firstTerm = await hive.leads(first);
  const second = await hive.coordinator("coordinator-2");
  const agents = [await hive.agent("backend-1"), await hive.agent("backend-2")];
  expect((await get<{ leading: boolean }>(second, "/v1/leadership")).leading).toBe(false);
  first.child.signal("SIGKILL");
  expect(await hive.leads(second)).toBeGreaterThan(firstTerm);
  agents[0]!.child.signal("SIGKILL");
  await waitFor("the verdict", () => hive.isDead(agents[0]!.incarnation));
}, 60_000);

test("a frozen leader is declared dead by its follower, which takes its lock; thawed, it follows", async () => {
  const first = await hive.coordinator("coordinator-1");
  await hive.leads(first);
  const second = await hive.coordinator("coordinator-2");
  await waitFor("to follow", async () => (await get<{ postgres: string }>(second, "/v1/leadership")).postgres === "up");
  first.child.signal("SIGSTOP");
  await hive.leads(second);
  first.child.signal("SIGCONT");
  await waitFor("to follow", async () => !(await get<{ leading: boolean }>(first, "/v1/leadership")).leading);
  const agent = await hive.agent("backend-1");
  agent.child.signal("SIGKILL");
  await waitFor("the verdict", () => hive.isDead(agent.incarnation));
}, 60_000);

test("without stores it waits and says so, and works once they are there", async () => {
  const way = await cuttable(redis.url);
  way.cut();
  try {
    const elsewhere = {
      REDIS_URL: way.url,
      DATABASE_URL: `postgres://hive@127.0.0.1:${await freePort()}/hive`,
    };
    const coordinator = await hive.coordinator("coordinator-1", elsewhere);
    await coordinator.child.said(/waiting for Redis and PostgreSQL/);
    expect((await fetch(`${coordinator.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${coordinator.url}/health/ready`)).status).toBe(503);
    way.mend();
    await coordinator.child.said(/PostgreSQL is away; leadership stays as it is/);
    const agent = await hive.agent("backend-1");
    agent.child.signal("SIGKILL");
    await waitFor("a verdict without a leader", () => hive.isDead(agent.incarnation));
  } finally {
    await way.close();
  }
}, 60_000);

test("stopped, it gives leadership away and says goodbye", async () => {
  const first = await hive.coordinator("coordinator-1");
  await hive.leads(first);
  const second = await hive.coordinator("coordinator-2");
  first.child.signal("SIGTERM");
  await hive.leads(second);
  await waitFor("its goodbye", async () =>
    (await hive.verdicts(second)).some(({ agentId, kind }) => agentId === "coordinator-1" && kind === "left"),
  );
}, 60_000);

test("an unknown group is a problem that names the nearest one", async () => {
  const coordinator = await hive.coordinator("coordinator-1");
  const response = await fetch(`${coordinator.url}/v1/groups/qa_engineer_consumers/consumers`);
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  expect(problemSchema.parse(await response.json())).toMatchObject({
    status: 404,
    code: "NOT_FOUND",
    detail: 'There is no group "qa_engineer_consumers". Did you mean "qa_engineers_consumers"?',
  });
}, 60_000);
