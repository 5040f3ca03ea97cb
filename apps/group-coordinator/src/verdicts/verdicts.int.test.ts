/** Verdicts over real processes: who is declared dead, how fast, and who is not. */
import { setTimeout as delay } from "node:timers/promises";
import { createTestDatabase, OwnRedis, type TestDatabase, waitFor } from "@agent-hive/testing";
import { TestHive, get, type CoordinatorProcess } from "../test-fixtures/hive.js";

/** The coordinator looks every 50 ms; nobody is called frozen so early. */
const SEVERAL_LOOKS_MS = 400;

let redis: OwnRedis;
let database: TestDatabase;
let hive: TestHive;
let coordinator: CoordinatorProcess;

beforeAll(async () => {
  [redis, database] = await Promise.all([OwnRedis.start(), createTestDatabase()]);
});
afterAll(async () => {
  await redis.stop();
  await database.drop();
});
beforeEach(async () => {
  hive = await new TestHive({ redisUrl: redis.url, databaseUrl: database.url }).open();
  coordinator = await hive.coordinator("coordinator-1");
  await hive.leads(coordinator);
}, 60_000);
afterEach(() => hive.close());

test("a killed process is declared crashed, whenever the coordinator looks next, and its consumer removed", async () => {
  const survivor = await hive.agent("survivor");
  const kinds: string[] = [];
  for (let round = 0; round < 5; round++) {
    const victim = await hive.agent(`victim-${round}`);
    await delay(Math.random() * 100); // somewhere between two looks
    victim.child.signal("SIGKILL");
    const { kind } = await waitFor("the removal", async () => {
      const verdicts = await hive.verdicts(coordinator);
      return verdicts.find(
        ({ incarnation, execution }) => incarnation === victim.incarnation && execution?.consumerRemovedAt,
      );
    });
    kinds.push(kind);
  }
  // By their lost connections. A machine too busy to look in time leaves one to six missing beats, which say "frozen".
  expect(kinds.filter((kind) => kind === "crashed").length).toBeGreaterThan(kinds.length / 2);
  expect(await hive.isDead(survivor.incarnation)).toBe(false);
}, 60_000);

test("what a killed process had begun is claimed by a live one, reported as a crash and charged", async () => {
  const victim = await hive.agent("victim");
  const task = await hive.dispatch();
  await victim.child.said(new RegExp(`begun ${task.taskKey}`));
  const heir = await hive.agent("heir");
  victim.child.signal("SIGKILL");
  await heir.child.said(new RegExp(`begun ${task.taskKey}`));
  expect(await hive.results()).toEqual([
    expect.objectContaining({ t: "crash", k: task.taskKey, d: victim.incarnation, ch: "1" }),
  ]);
  await waitFor("both agents' events", async () => {
    const events = await hive.events();
    const of = (type: string): (string | undefined)[] =>
      events.filter((event) => event.type === type).map((event) => event.agentId);
    return of("consumer.joined").includes("heir") && of("consumer.dead").includes("victim");
  });
}, 60_000);

test("entries of a group whose last consumer died wait for the next one", async () => {
  const victim = await hive.agent("victim");
  const task = await hive.dispatch();
  await victim.child.said(new RegExp(`begun ${task.taskKey}`));
  victim.child.signal("SIGKILL");
  await waitFor("the verdict", () => hive.isDead(victim.incarnation));
  await waitFor("no slots", async () => (await hive.backendGroup(coordinator)).slots === 0);
  const heir = await hive.agent("heir");
  await heir.child.said(new RegExp(`begun ${task.taskKey}`));
}, 60_000);

test("a process that blocks its event loop for five seconds is shown as wedged and is not declared dead", async () => {
  const agent = await hive.agent("busy");
  const stateOf = async () =>
    (await hive.backendGroup(coordinator)).consumers.find(({ agentId }) => agentId === "busy")?.state;
  agent.child.tell("block 5000");
  await waitFor("to be wedged", async () => (await stateOf()) === "wedged");
  await agent.child.said(/^unblocked/);
  await waitFor("to be live again", async () => (await stateOf()) === "live");
  expect(await hive.isDead(agent.incarnation)).toBe(false);
  expect(await hive.verdicts(coordinator)).toEqual([]);
}, 60_000);

/** Cuts the connections of agents while these stand still: several looks find none of them, as in a broken network. */
async function cutOff(agents: readonly Awaited<ReturnType<typeof hive.agent>>[]): Promise<void> {
  const connections = await waitFor("all to be connected as they are registered", async () => {
    const ids = (await Promise.all(agents.map(({ incarnation }) => connectionsOf(incarnation)))).flat();
    return (await hive.manager.connectionsPresent(ids)).present.size === ids.length ? ids : undefined;
  });
  for (const { child } of agents) child.signal("SIGSTOP");
  await Promise.all(connections.map((id) => hive.manager.call("CLIENT", ["KILL", "ID", id])));
  await delay(SEVERAL_LOOKS_MS);
  for (const { child } of agents) child.signal("SIGCONT");
}

async function connectionsOf(sought: string): Promise<string[]> {
  const { incarnations } = await get<{ incarnations: { incarnation: string; connections: string[] }[] }>(
    coordinator,
    "/v1/incarnations",
  );
  return incarnations.find(({ incarnation }) => incarnation === sought)!.connections;
}

test("when all connections are cut at once nobody is declared dead and nothing is charged", async () => {
  const agents = await Promise.all([hive.agent("a"), hive.agent("b"), hive.agent("c")]);
  const task = await hive.dispatch();
  await waitFor("one to begin", () => agents.some((agent) => agent.child.lines.includes(`begun ${task.taskKey}`)));
  for (let round = 0; round < 10; round++) {
    await hive.manager.call("CLIENT", ["KILL", "TYPE", "normal"]);
    await delay(Math.random() * 600);
  }
  await cutOff(agents);
  await delay(2_000); // longer than a slow verdict takes
  expect(await hive.verdicts(coordinator)).toEqual([]);
  expect(await Promise.all(agents.map((agent) => hive.isDead(agent.incarnation)))).toEqual([false, false, false]);
  expect(await hive.results()).toEqual([]);
  const { consumers, pending } = await hive.backendGroup(coordinator);
  expect(consumers).toHaveLength(3);
  expect(pending).toBe(1);
}, 60_000);

test("a frozen process is declared frozen and cut off; thawed, it goes on as another", async () => {
  await hive.agent("witness");
  const frozen = await hive.agent("frozen");
  const connections = await connectionsOf(frozen.incarnation);
  frozen.child.signal("SIGSTOP");
  await waitFor("the verdict", () => hive.isDead(frozen.incarnation));
  await waitFor(
    "its connections to be killed",
    async () => (await hive.manager.connectionsPresent(connections)).present.size === 0,
  );
  const [verdict] = await hive.verdicts(coordinator);
  expect(verdict).toMatchObject({
    incarnation: frozen.incarnation,
    kind: "frozen",
    evidence: expect.stringContaining("stood still"),
  });
  frozen.child.signal("SIGCONT");
  const [, renewed] = await frozen.child.said(/^renewed (\S+)/);
  expect(renewed).not.toBe(frozen.incarnation);
  await waitFor("to be back", async () =>
    (await hive.backendGroup(coordinator)).consumers.some(({ incarnation }) => incarnation === renewed),
  );
}, 60_000);
