/** Whatever stands in the hive's hashes and streams, the scripts go on: what is odd counts as missing. */
import fc from "fast-check";
import { Bench, taskEntry } from "./test-fixtures/setup.js";
import type { MemberIdentity } from "./types.js";

let bench: Bench;
let engine: MemberIdentity;
let agent: MemberIdentity;

beforeEach(async () => {
  bench = await Bench.open();
  engine = bench.identity("engine-1");
  agent = bench.identity("agent-1");
});
afterEach(() => bench.close());

/** Values as a stranger, another version or a damaged file may leave them; the same ones in every run. */
const ODD = [
  "",
  "{",
  "[]",
  "null",
  "1e999",
  "-1",
  "9".repeat(40),
  "1|",
  "1|2|3|4",
  ":done",
  '{"kind":{}}',
  '{"counter":"x","connections":7}',
  '{"connections":[{}]}',
  "[".repeat(5000),
  "x".repeat(1_000_000),
  ...fc.sample(fc.string({ unit: "binary", maxLength: 40 }), { seed: 7, numRuns: 25 }),
];

async function delivered(count: number) {
  const tasks = Array.from({ length: count }, () => taskEntry());
  const ids = await bench.dispatch(...tasks);
  await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
  return tasks.map((task, i) => ({ task, entryId: ids[i]! }));
}

test("an index with odd values does not hold up what is published beside them", async () => {
  const tasks = ODD.map(() => taskEntry());
  for (const [i, odd] of ODD.entries()) await bench.redis.hset(bench.keys.inFlight("backend"), tasks[i]!.taskKey, odd);
  const good = taskEntry();
  const report = await bench.manager.publishAndAcknowledge(engine, {
    settled: [],
    tasks: [...tasks, good],
    events: [],
  });
  expect(report).toMatchObject({ status: "ok" });
  expect(await bench.redis.hget(bench.keys.inFlight("backend"), good.taskKey)).toBe("1");
});

test("odd crash counters, checkpoints and marks do not keep tasks from beginning and from saving progress", async () => {
  const { keys } = bench;
  const deliveries = await delivered(ODD.length);
  for (const [i, odd] of ODD.entries()) {
    const { task, entryId } = deliveries[i]!;
    await bench.redis.hset(keys.crashes("backend"), task.taskKey, odd);
    await bench.redis.hset(keys.checkpoints("backend"), task.taskKey, odd);
    await bench.redis.hset(keys.started(bench.backend.group), entryId, odd);
  }
  const starts = deliveries.map(({ task, entryId }) => ({ ...task, entryId, alone: false }));
  const begun = await bench.manager.beginTasks(agent, { ...bench.backend, startedAtMs: 1, tasks: starts });
  for (const outcome of begun) {
    expect(outcome).toMatchObject({ status: "begun", crashes: expect.any(Number), crashesAlone: expect.any(Number) });
    expect(outcome).not.toMatchObject({ crashes: NaN });
  }
  for (const { task, entryId } of deliveries) {
    const saved = bench.manager.saveCheckpoint(agent, {
      ...bench.backend,
      ...task,
      entryId,
      sequence: 1,
      data: "1",
      payload: "{}",
    });
    await expect(saved).resolves.toBe("saved");
  }
});

test("odd verdicts, marks and counters do not keep the entries of the dead from being claimed", async () => {
  const { group } = bench.backend;
  for (const odd of ODD) {
    const { task, entryId } = (await delivered(1))[0]!;
    await bench.redis.sadd(bench.keys.dead, agent.incarnation);
    await bench.redis.sadd(bench.keys.abandoned(group), agent.incarnation);
    await bench.redis.hset(bench.keys.started(group), entryId, `${agent.incarnation}|1|5`);
    await bench.redis.hset(bench.keys.crashes("backend"), task.taskKey, odd);
    await bench.redis.hset(bench.keys.verdicts, agent.incarnation, ODD.indexOf(odd) % 2 ? odd : '{"kind":"crashed"}');
    const claimed = await bench.manager.claimEntries(bench.identity("heir"), { ...bench.backend, count: 10 });
    expect(claimed.entries.map(({ id }) => id)).toEqual([entryId]);
    if (claimed.crashed[0]?.charged) {
      expect(await bench.redis.hget(bench.keys.crashes("backend"), task.taskKey)).toMatch(/^\d{1,7}\|\d{1,7}$/);
    }
    await bench.redis.srem(bench.keys.dead, agent.incarnation);
  }
});

test("registrations and heartbeats that cannot be read neither blind the judges nor stay", async () => {
  const member = await bench.member();
  const own = member.identity.incarnation;
  const { incarnations, heartbeats } = bench.keys;
  const [registration] = await bench.manager.registrations();
  for (const [i, odd] of ODD.entries()) {
    await bench.redis.hset(incarnations, `odd-${i}`, odd);
    await bench.redis.hset(heartbeats, `odd-${i}`, odd);
  }
  const bad = { ...registration, incarnation: "bad", connections: ["all", "-1"] };
  await bench.redis.hset(incarnations, "bad", JSON.stringify(bad), "alias", JSON.stringify(registration));
  await bench.redis.hset(incarnations, Buffer.from([0xff, 0xfe]), JSON.stringify(registration));
  const all = await bench.manager.registrations();
  expect(all.map(({ incarnation }) => incarnation)).toEqual([own]);
  await expect(bench.manager.connectionsPresent(all.flatMap(({ connections }) => connections))).resolves.toBeDefined();
  await bench.manager.heartbeats();
  expect(await bench.manager.forgetUnreadable(engine)).toBe(ODD.length + 3);
  expect(await bench.redis.hkeys(incarnations)).toEqual([own]);
});

test("one whose heartbeat cannot be read can be declared dead", async () => {
  const member = await bench.member();
  const { incarnation } = member.identity;
  await member.stop({ goodbye: false });
  const [judged] = await bench.manager.registrations();
  for (const odd of ["{", '{"counter":-5}', '{"counter":1.5}', "[]"]) {
    await bench.redis.hset(bench.keys.heartbeats, incarnation, odd);
    await bench.redis.srem(bench.keys.dead, incarnation);
    const heartbeatCounter = (await bench.manager.heartbeats()).get(incarnation)?.counter ?? 0;
    const sentence = { incarnation, kind: "frozen" as const, evidence: "", heartbeatCounter };
    const outcome = bench.manager.declareDead(engine, judged!, { ...sentence, connections: judged!.connections });
    await expect(outcome).resolves.toBe("declared");
  }
});

test("keys of another type are set aside, with what they hold, and only those", async () => {
  const { dispatch, dead, results, epoch } = bench.keys;
  await bench.redis.del(dispatch);
  await bench.redis.set(dispatch, "a text");
  await bench.redis.hset(dead, "not", "a set");
  const moved = await bench.manager.setMisplacedAside({
    [dispatch]: "stream",
    [dead]: "set",
    [results]: "stream",
    [epoch]: "string",
    [bench.keys.term]: "string",
  });
  expect(moved.toSorted()).toEqual([dead, dispatch].toSorted());
  expect(await bench.redis.get(`${dispatch}:misplaced`)).toBe("a text");
  expect(await bench.redis.exists(dispatch, dead)).toBe(0);
  expect(await bench.redis.type(results)).toBe("stream");
});
