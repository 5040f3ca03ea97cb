import { EventEmitter, once } from "node:events";
import type { Registration } from "@agent-hive/contracts";
import { cuttable, eventually } from "@agent-hive/testing";
import type { HiveMember } from "./hive-member.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import { Bench } from "./test-fixtures/setup.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const registrationOf = async ({ identity }: HiveMember): Promise<Registration | undefined> =>
  (await bench.manager.registrations()).find(({ incarnation }) => incarnation === identity.incarnation);
const heartbeatOf = async ({ identity }: HiveMember) => (await bench.manager.heartbeats()).get(identity.incarnation);
const renewal = (member: HiveMember) => once(member as unknown as EventEmitter, "renewed");
const clientsNamed = async (name: string): Promise<string[]> =>
  Array.from(
    String(await bench.redis.client("LIST")).matchAll(new RegExp(`^id=(\\d+) .* name=${name}`, "gm")),
    (m) => m[1]!,
  );

test("a member is registered with all its connections: commands, heartbeat, control, reader", async () => {
  const manager = await bench.anotherManager();
  const member = await bench.member({ manager, handlers: ["noop"], slots: 4 });
  bench.consumer(member, manager);
  const registration = await eventually(
    () => registrationOf(member),
    (seen) => seen?.connections.length === 4,
  );
  expect(registration).toMatchObject({
    service: "agent",
    slots: 4,
    handlers: ["noop"],
    pid: process.pid,
    runId: manager.runId,
  });
  const { present } = await bench.manager.connectionsPresent([...registration!.connections, "999999999"]);
  expect([...present].sort()).toEqual(registration!.connections);
});

test("nobody is registered before its heart can beat: it would be taken for frozen", async () => {
  const manager = await bench.anotherManager();
  const way = await cuttable(manager.url);
  way.cut();
  // Only the heartbeat thread has to go this way.
  const openConnection = manager.openConnection.bind(manager);
  const limping: RedisStreamsManager = Object.assign(Object.create(manager), { url: way.url, openConnection });
  const starting = bench.member({ manager: limping, agentId: "late" });
  const isRegistered = async () => (await bench.manager.registrations()).some(({ agentId }) => agentId === "late");

  await new Promise((resolve) => setTimeout(resolve, 2_300)); // longer than it takes until lateness is told
  expect(await isRegistered()).toBe(false);

  way.mend();
  await starting;
  expect(await isRegistered()).toBe(true);
  await way.close();
});

test("each connection that is killed is replaced in the registration", async () => {
  const member = await bench.member();
  const before = (await registrationOf(member))!.connections;
  await Promise.all(before.map((id) => bench.redis.client("KILL", "ID", Number(id))));
  const after = await eventually(
    async () => (await registrationOf(member))?.connections ?? [],
    (ids) => ids.length === before.length && ids.every((id) => !before.includes(id)),
  );
  const { present } = await bench.manager.connectionsPresent(after);
  expect(present.size).toBe(after.length);
});

test("the heart beats on while the main loop is blocked, and tells what is held", async () => {
  const member = await bench.member({ heartbeatMs: 20 });
  member.taskStarted({ entryId: "1-1", taskKey: "k", attempt: 2, timeoutMs: 5000 });
  const before = await eventually(
    () => heartbeatOf(member),
    (seen) => seen?.held.length === 1,
  );
  expect(before!.held).toEqual([
    { entryId: "1-1", taskKey: "k", attempt: 2, timeoutMs: 5000, elapsedMs: expect.any(Number) },
  ]);
  const endMs = performance.now() + 300;
  while (performance.now() < endMs); // a handler that computes
  const after = (await heartbeatOf(member))!;
  expect(after.counter).toBeGreaterThan(before!.counter + 5);
  expect(after.mainLoop - before!.mainLoop).toBeLessThan(4);
  expect(after.rssBytes).toBeGreaterThan(1e6);
  member.taskEnded("1-1");
  await eventually(
    () => heartbeatOf(member),
    (seen) => seen?.held.length === 0,
  );
});

test("declared dead, it takes a new incarnation and gives up the old one for good", async () => {
  const member = await bench.member({ heartbeatMs: 20 });
  const old = member.identity;
  const renewed = renewal(member);
  await bench.redis.sadd(bench.keys.dead, old.incarnation);
  expect(await renewed).toEqual([member.identity, "declared-dead", expect.anything()]);
  expect(member.identity).toMatchObject({
    agentId: old.agentId,
    incarnation: expect.not.stringMatching(old.incarnation),
  });
  await member.whenRegistered();
  const all = await bench.manager.registrations();
  expect(all.map(({ incarnation }) => incarnation)).toEqual([member.identity.incarnation]);
  const beats = (await heartbeatOf(member))!.counter;
  await eventually(
    () => heartbeatOf(member),
    (seen) => seen!.counter > beats,
  );
});

test("a refused script is enough to learn of one's death", async () => {
  const manager = await bench.anotherManager();
  const member = await bench.member({ manager, heartbeatMs: 60_000 });
  const renewed = renewal(member);
  await bench.redis.sadd(bench.keys.dead, member.identity.incarnation);
  await expect(manager.acknowledge(member.identity, { ...bench.backend, ids: [] })).rejects.toMatchObject({
    code: "DECLARED_DEAD",
  });
  await renewed;
});

test("when Redis has lost the registry, it registers anew, and learns the new epoch", async () => {
  const member = await bench.member({ heartbeatMs: 20 });
  const old = member.identity.incarnation;
  const renewed = renewal(member);
  const epoch = once(member as unknown as EventEmitter, "epoch");
  await bench.redis.del(bench.keys.incarnations, bench.keys.heartbeats, bench.keys.epoch);
  expect(await renewed).toEqual([member.identity, "wiped", expect.anything()]);
  await member.whenRegistered();
  await bench.redis.set(bench.keys.epoch, "2");
  await expect(epoch).resolves.toEqual(["2"]);
  expect(member.identity.incarnation).not.toBe(old);
  await expect(bench.redis.sismember(bench.keys.dead, old)).resolves.toBe(1);
});

test("control messages reach every member", async () => {
  const members = [await bench.member(), await bench.member()];
  const heard = members.map((member) => once(member as unknown as EventEmitter, "control"));
  await bench.manager.publishControl({ type: "cancel", workflowId: "w" });
  await expect(Promise.all(heard)).resolves.toEqual(Array(2).fill([{ type: "cancel", workflowId: "w" }]));
});

test("control messages are read on after the connection was killed", async () => {
  const member = await bench.member();
  const [id] = await clientsNamed(`${member.identity.agentId}:control`);
  await bench.redis.client("KILL", "ID", Number(id));
  const heard = once(member as unknown as EventEmitter, "control");
  await bench.manager.publishControl({ type: "epoch", epoch: "1" });
  await heard;
});

test("with a goodbye its entries are up for claiming at once, and it is remembered as one that left", async () => {
  const manager = await bench.anotherManager();
  const member = await bench.member({ manager });
  const { incarnation } = member.identity;
  await bench.redis.xadd(bench.backend.stream, "*", "v", "1");
  await bench.read(bench.backend.group, incarnation, bench.backend.stream);
  await member.stop();
  await member.stop();
  await expect(bench.manager.abandoned(bench.backend.group)).resolves.toEqual([incarnation]);
  expect(await bench.manager.verdicts()).toMatchObject([{ incarnation, kind: "left" }]);
  await expect(bench.manager.registrations()).resolves.toEqual([]);
  const idle = await bench.member();
  await bench.read(bench.backend.group, idle.identity.incarnation, bench.backend.stream);
  await idle.stop();
  const { consumers } = await bench.manager.groupInfo(bench.backend);
  expect(consumers.map(({ name }) => name)).toEqual([incarnation]); // the idle one's consumer is gone
});

test("stopping before starting, and starting after, does nothing", async () => {
  const member = await bench.member();
  await member.stop({ goodbye: false });
  await member.start();
  await expect(member.whenRegistered()).rejects.toThrow("stopped");
});
