/**
 * What Redis does that one would not expect, and what is done about it. Each test fails without its remedy; the list of
 * all of them is in docs/evidence.md.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cuttable, eventually } from "@agent-hive/testing";
import { RedisStreamsManager } from "./redis-streams-manager.js";
import { Bench, taskEntry } from "./test-fixtures/setup.js";

/** A read blocked so long is seen to do nothing, unless something else wakes it. */
const LONGER_THAN_A_TEST_MS = 60_000;
const AN_HOUR_MS = 3_600_000;

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

/** A process that reads by the way, and takes what it is handed. */
async function reader(manager: RedisStreamsManager, blockMs = LONGER_THAN_A_TEST_MS) {
  const member = await bench.member({ manager, heartbeatMs: 50 });
  const seen: string[] = [];
  bench.consumer(member, manager, {
    blockMs,
    onEntries: async (entries) => void seen.push(...entries.map(({ id }) => id)),
  });
  return { member, seen };
}

const add = async (): Promise<string> => (await bench.redis.xadd(bench.backend.stream, "*", "v", "1"))!;

/** Pending for the consumer, as if it had been handed over so long ago. */
const pendingFor = async (consumer: string, idleMs = 0): Promise<string> => {
  const { stream, group } = bench.backend;
  const [entryId] = await bench.dispatch(taskEntry());
  await bench.read(group, consumer, stream);
  await bench.redis.call("XCLAIM", stream, group, consumer, 0, entryId!, "IDLE", idleMs, "JUSTID");
  return entryId!;
};

test("the blocked read of a half-open connection takes entries that nobody sees: it is ended before its owner reads on", async () => {
  const way = await cuttable(bench.url);
  bench.onClose(() => way.close());
  const manager = new RedisStreamsManager({ url: way.url, keys: bench.keys });
  bench.onClose(() => manager.close());
  await manager.connect();
  const { member, seen } = await reader(manager);
  const blockedReads = async (): Promise<string[]> => {
    const clients = String(await bench.redis.client("LIST")).split("\n");
    const own = clients.filter((line) => line.includes(`name=${member.identity.agentId}:${bench.backend.group}`));
    return own.filter((line) => / flags=[A-Z]*b/.test(line)).map((line) => /^id=\d+/.exec(line)![0]);
  };
  const [before] = await eventually(blockedReads, (ids) => ids.length === 1);

  way.halfOpen();

  const after = await eventually(blockedReads, (ids) => ids.some((id) => id !== before));
  expect(after).not.toContain(before);
  const entryId = await add();
  await eventually(
    () => seen,
    (ids) => ids.includes(entryId),
  );
});

test("the blocked read of an incarnation that was given up takes entries that nobody sees: they are given back once it is ended", async () => {
  const way = await cuttable(bench.url);
  bench.onClose(() => way.close());
  const manager = new RedisStreamsManager({ url: way.url, keys: bench.keys });
  bench.onClose(() => manager.close());
  await manager.connect();
  const { member, seen } = await reader(manager);
  const old = member.identity.incarnation;
  await eventually(
    async () => String(await bench.redis.client("LIST")),
    (clients) =>
      clients.includes(`name=${member.identity.agentId}:${bench.backend.group}`) && / flags=[A-Z]*b/.test(clients),
  );
  way.hideCloses();
  let entryId: string | undefined;
  const register = manager.register.bind(manager);
  manager.register = async (...registration) => {
    entryId ??= await add(); // the old one was given up, and the new one reads only once it is registered
    await eventually(
      () => bench.pending(old),
      (ids) => ids.includes(entryId!),
    );
    return register(...registration);
  };

  await bench.redis.del(bench.keys.incarnations);

  await eventually(
    () => seen,
    (ids) => ids.includes(entryId!),
  );
});

test("the delivery counter rises with every re-read and starts again with every entry: it neither fences nor charges", async () => {
  const { stream, group } = bench.backend;
  const agent = bench.identity("agent-1");
  const task = taskEntry();
  const [entryId] = await bench.dispatch(task);
  await bench.read(group, agent.incarnation, stream);
  for (let read = 0; read < 3; read++) {
    await bench.redis.call("XREADGROUP", "GROUP", group, agent.incarnation, "STREAMS", stream, "0");
  }
  const [[, , , deliveries]] = (await bench.redis.xpending(stream, group, "-", "+", 1)) as [
    [string, string, number, number],
  ];
  expect(deliveries).toBe(4);

  const { taskKey, attempt, traceparent } = task;
  const begin = { ...bench.backend, startedAtMs: 1, tasks: [{ entryId: entryId!, taskKey, attempt, alone: false }] };
  await expect(bench.manager.beginTasks(agent, begin)).resolves.toEqual([
    { status: "begun", crashes: 0, crashesAlone: 0 },
  ]);
  const results = [{ entryId: entryId!, taskKey, attempt, payload: "{}", traceparent }];
  await expect(bench.manager.completeTasks(agent, { ...bench.backend, results })).resolves.toEqual(["completed"]);
});

test("idle times follow Redis's clock: what the dead held is claimed at none, what the living hold at no length of it", async () => {
  const just = await pendingFor("dead");
  const longAgo = await pendingFor("living", AN_HOUR_MS);
  await bench.redis.sadd(bench.keys.dead, "dead");
  await bench.redis.sadd(bench.keys.abandoned(bench.backend.group), "dead", "living");

  const { entries } = await bench.manager.claimEntries(bench.identity("heir"), { ...bench.backend, count: 10 });

  expect(entries.map(({ id }) => id)).toEqual([just]);
  await expect(bench.pending("living")).resolves.toEqual([longAgo]);
});

test("an entry that is pending here and held nowhere is found although Redis's clock never says that it is idle", async () => {
  const { stream, group } = bench.backend;
  const { member, seen } = await reader(await bench.anotherManager());
  const { incarnation } = member.identity;
  await eventually(
    () => bench.redis.xinfo("CONSUMERS", stream, group),
    (consumers) => (consumers as unknown[]).length === 1,
  );
  // Handed to this consumer behind its back, and again and again.
  const script = `local id = redis.call('XADD', KEYS[1], '*', 'v', '1')
    redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'STREAMS', KEYS[1], '>')
    return id`;
  const entryId = (await bench.redis.call("EVAL", script, "1", stream, group, incarnation)) as string;
  await eventually(
    async () => {
      if (!seen.includes(entryId)) await bench.redis.xclaim(stream, group, incarnation, 0, entryId, "JUSTID");
      return seen;
    },
    (ids) => ids.includes(entryId),
  );
});

test("trimming drops what was never delivered, without a trace: no script trims but events and control", () => {
  const folder = join(import.meta.dirname, "lua");
  const trimmed = readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const keys = [...(/-- KEYS([^]*?)-- ARGV/.exec(text)?.[1] ?? "").matchAll(/\[(\d+)\] ([a-z-]+)/g)];
    const nameOf = new Map(keys.map(([, number, name]) => [number!, name!]));
    return [...text.matchAll(/'(?:XADD|XTRIM)', KEYS\[(\d+)\], '(?:MAXLEN|MINID)'/g)].map(([, key]) =>
      nameOf.get(key!),
    );
  });
  expect(new Set(trimmed)).toEqual(new Set(["control", "events"]));
  expect(trimmed.length).toBe(readdirSync(folder).reduce((sum, file) => sum + trims(join(folder, file)), 0));
});

const trims = (file: string): number => readFileSync(file, "utf8").match(/'(MAXLEN|MINID|XTRIM)'/g)?.length ?? 0;
