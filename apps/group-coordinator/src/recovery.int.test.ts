/** Router, coordinator and agents together, as processes: entries move from end to end, whoever is killed meanwhile. */
import { createTestDatabase, OwnRedis, type TestDatabase, waitFor } from "@agent-hive/testing";
import { TestHive } from "./test-fixtures/hive.js";

const TASK_MS = "5";
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

test("every task has exactly one result although a router, the leading coordinator and an agent are killed (I1, I2)", async () => {
  const [leader, router, victim] = await Promise.all([
    hive.coordinator("coordinator-1"),
    hive.router("router-1"),
    hive.agent("backend-1", { FIXTURE_TASK_MS: TASK_MS }),
    hive.agent("backend-2", { FIXTURE_TASK_MS: TASK_MS }),
  ]);
  await hive.leads(leader);
  const follower = await hive.coordinator("coordinator-2");
  await hive.router("router-2");
  const tasks = await hive.publish(400);

  await waitFor("a quarter of the results", async () => (await hive.completed()).length >= 100);
  victim.child.signal("SIGKILL");
  await waitFor("the agent's verdict", () => hive.isDead(victim.incarnation));
  router.signal("SIGKILL");
  const more = await hive.publish(400);
  leader.child.signal("SIGKILL");
  await hive.leads(follower);
  await hive.agent("backend-3", { FIXTURE_TASK_MS: TASK_MS });

  const all = [...tasks, ...more].map((task) => task.taskKey);
  await waitFor("all results", async () => (await hive.completed()).length >= all.length, 30_000);
  const recorded = await hive.completed();
  expect(recorded).toHaveLength(all.length);
  expect(new Set(recorded)).toEqual(new Set(all));
  for (const stream of [hive.keys.dispatch, hive.keys.stream("agent_messages:backend")]) {
    expect(await hive.manager.call("XLEN", [stream])).toBe(0);
  }
  const crashes = (await hive.results()).filter((fields) => fields["t"] === "crash");
  expect(crashes.every((fields) => fields["d"] === victim.incarnation)).toBe(true);
}, 60_000);
