import type { StreamEntry } from "@agent-hive/contracts";
import { eventually, OwnRedis } from "@agent-hive/testing";
import type { GroupConsumer, GroupConsumerOptions } from "./group-consumer.js";
import type { HiveMember } from "./hive-member.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import { Bench, taskEntry } from "./test-fixtures/setup.js";

/** A reader blocked so long is seen to do nothing, unless something else wakes it. */
const LONGER_THAN_A_TEST_MS = 60_000;

let bench: Bench;

interface Reader {
  manager: RedisStreamsManager;
  member: HiveMember;
  consumer: GroupConsumer;
  /** Ids as they were handed over. */
  seen: string[];
}

/** A process that reads; by default it acknowledges at once. */
async function reader(options: Partial<GroupConsumerOptions> = {}, memberOptions = {}): Promise<Reader> {
  const manager = await bench.anotherManager();
  const member = await bench.member({ manager, heartbeatMs: 50, ...memberOptions });
  const seen: string[] = [];
  const consumer: GroupConsumer = bench.consumer(member, manager, {
    blockMs: 500,
    onEntries: async (entries) => {
      const ids = entries.map(({ id }) => id);
      seen.push(...ids);
      await manager.acknowledge(member.identity, { ...bench.backend, ids });
      consumer.settled(ids);
    },
    ...options,
  });
  return { manager, member, consumer, seen };
}

const add = async (): Promise<string> => (await bench.redis.xadd(bench.backend.stream, "*", "v", "1"))!;
const readerConnection = ({ member }: Reader) => `name=${member.identity.agentId}:${bench.backend.group}`;
const clients = async (): Promise<string[]> => String(await bench.redis.client("LIST")).split("\n");
const clientOf = async (process: Reader): Promise<string | undefined> =>
  (await clients()).find((line) => line.includes(readerConnection(process)));
const isBlocked = async (process: Reader): Promise<boolean> => / flags=[A-Z]*b/.test((await clientOf(process)) ?? "");
const blocked = (process: Reader) => eventually(() => isBlocked(process), Boolean);
const idOf = async (process: Reader): Promise<number> => Number(/^id=(\d+)/.exec((await clientOf(process))!)![1]);

/** Declares a consumer dead as `PeerWatch` would. */
async function bury(incarnation: string): Promise<void> {
  await bench.redis.sadd(bench.keys.dead, incarnation);
  await bench.redis.hset(bench.keys.verdicts, incarnation, '{"kind":"crashed"}');
  await bench.redis.sadd(bench.keys.abandoned(bench.backend.group), incarnation);
}

describe("on a shared server", () => {
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  test("entries are handed over in order, each once", async () => {
    const { seen } = await reader();
    const ids = [await add(), await add(), await add()];
    await eventually(
      () => seen,
      (all) => all.length === 3,
    );
    expect(seen).toEqual(ids);
    await eventually(
      () => bench.pending(),
      (pending) => pending.length === 0,
    );
  });

  test("no more is asked for than there is room for, and room is used as soon as it is there", async () => {
    const handed: StreamEntry[][] = [];
    let room = 2;
    const { consumer } = await reader({
      capacity: () => room,
      onEntries: async (entries) => {
        handed.push(entries);
        room -= entries.length;
      },
    });
    const ids = await bench.dispatch(...Array.from({ length: 5 }, () => taskEntry()));
    await eventually(
      () => handed.flat().length,
      (count) => count === 2,
    );
    await expect(bench.pending()).resolves.toHaveLength(2);
    room = 1;
    consumer.settled([handed[0]![0]!.id]);
    await eventually(
      () => handed.flat().length,
      (count) => count === 3,
    );
    room = 9;
    consumer.wake();
    await eventually(
      () => handed.flat().length,
      (count) => count === 5,
    );
    expect(handed.flat().map(({ id }) => id)).toEqual(ids);
    expect(consumer.heldCount).toBe(4);
  });

  test("entries whose handling fails stay pending and are handed over again, without those settled meanwhile", async () => {
    const attempts: string[][] = [];
    const { consumer } = await reader({
      onEntries: async (entries) => {
        attempts.push(entries.map(({ id }) => id));
        if (attempts.length === 1) consumer.settled([entries[0]!.id]);
        if (attempts.length < 3) throw new Error("the database is away");
      },
    });
    const ids = await bench.dispatch(taskEntry(), taskEntry());
    await eventually(
      () => attempts.length,
      (count) => count === 3,
    );
    expect(attempts).toEqual([ids, ids.slice(1), ids.slice(1)]);
    await expect(bench.pending()).resolves.toEqual(ids);
  });

  test("what a dead consumer held is claimed at the hint, though the reader is blocked", async () => {
    const id = await add();
    await bench.read(bench.backend.group, "dead-1", bench.backend.stream);
    const process = await reader({ blockMs: LONGER_THAN_A_TEST_MS }, { heartbeatMs: 60_000 });
    await blocked(process);
    await bury("dead-1");
    await bench.manager.publishControl({ type: "dead", incarnation: "dead-1", group: bench.backend.group });
    await eventually(
      () => process.seen,
      (seen) => seen.length === 1,
    );
    expect(process.seen).toEqual([id]);
  });

  test("without any hint the heartbeat finds what is abandoned", async () => {
    const id = await add();
    await bench.read(bench.backend.group, "dead-1", bench.backend.stream);
    const process = await reader({ blockMs: LONGER_THAN_A_TEST_MS });
    await blocked(process);
    await bury("dead-1");
    await eventually(
      () => process.seen,
      (seen) => seen.length === 1,
    );
    expect(process.seen).toEqual([id]);
  });

  test("the claimed comes before the new", async () => {
    let room = 0;
    const handed: string[] = [];
    const { consumer } = await reader({
      capacity: () => room,
      onEntries: async (entries) => {
        handed.push(...entries.map(({ id }) => id));
        room = 0;
      },
    });
    const old = await add();
    await bench.read(bench.backend.group, "dead-1", bench.backend.stream);
    await add();
    await bury("dead-1");
    await bench.manager.publishControl({ type: "dead", incarnation: "dead-1", group: bench.backend.group });
    room = 1;
    consumer.wake();
    await eventually(
      () => handed,
      (all) => all.length === 1,
    );
    expect(handed).toEqual([old]);
  });

  test("after its connection was killed it reads again, and what it holds is not handed over twice", async () => {
    const handed: string[] = [];
    const process = await reader({ onEntries: async (entries) => void handed.push(...entries.map(({ id }) => id)) });
    const first = await add();
    await eventually(
      () => handed,
      (all) => all.length === 1,
    );
    await bench.redis.client("KILL", "ID", await idOf(process));
    const second = await add();
    await eventually(
      () => handed,
      (all) => all.length === 2,
      1_000,
    );
    expect(handed).toEqual([first, second]);
  });

  test("without any room it is back on its feet as soon as its connection is", async () => {
    const process = await reader({ capacity: () => 0 });
    await eventually(
      () => process.consumer.isLive,
      (isLive) => isLive,
    );
    // Whoever waited for its next look would be in time now and then.
    for (let round = 0; round < 6; round++) {
      const before = await idOf(process);
      await bench.redis.client("KILL", "ID", before);
      await eventually(
        async () => [await idOf(process).catch(() => before), process.consumer.isLive],
        ([id, isLive]) => id !== before && isLive === true,
        1_000,
      );
    }
  });

  test("entries that a cut read had already taken are found in the own pending list", async () => {
    const process = await reader();
    await blocked(process);
    // What a reply lost on its way leaves behind: pending for this consumer, never seen by it.
    const lost = await add();
    await eventually(
      () => process.seen.length,
      (count) => count === 1,
    );
    process.seen.length = 0;
    await bench.redis.xgroup("SETID", bench.backend.stream, bench.backend.group, "$");
    const unseen = await add();
    await bench.redis.xclaim(
      bench.backend.stream,
      bench.backend.group,
      process.member.identity.incarnation,
      0,
      unseen,
      "JUSTID",
    );
    await bench.redis.client("KILL", "ID", await idOf(process));
    await eventually(
      () => process.seen,
      (seen) => seen.includes(unseen),
      1_500,
    );
    expect(process.seen).not.toContain(lost);
  });

  test("an entry that is pending here and held nowhere is found without any reconnection", async () => {
    const process = await reader({ blockMs: LONGER_THAN_A_TEST_MS });
    await add();
    await eventually(
      () => process.seen.length,
      (count) => count === 1,
    );
    const id = await add();
    await eventually(
      () => process.seen.length,
      (count) => count === 2,
    );
    process.seen.length = 0;
    // Delivered to this consumer behind its back.
    await bench.redis.xadd(bench.backend.stream, "MAXLEN", "=", "0", "*", "v", "1");
    const ghost = (await bench.redis.call(
      "EVAL",
      `local id = redis.call('XADD', KEYS[1], '*', 'v', '1')
       redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 10, 'STREAMS', KEYS[1], '>')
       return id`,
      "1",
      bench.backend.stream,
      bench.backend.group,
      process.member.identity.incarnation,
    )) as string;
    expect(ghost > id).toBe(true);
    await eventually(
      () => process.seen,
      (seen) => seen.includes(ghost),
    );
  });

  test("a pending entry whose data was deleted is let go", async () => {
    const process = await reader({ capacity: () => 0 });
    const id = await add();
    await bench.read(bench.backend.group, process.member.identity.incarnation, bench.backend.stream);
    await bench.redis.xdel(bench.backend.stream, id);
    await bench.redis.client("KILL", "ID", await idOf(process));
    await eventually(
      () => bench.pending(),
      (pending) => pending.length === 0,
    );
  });

  test.each([
    ["the group is destroyed", () => bench.redis.xgroup("DESTROY", bench.backend.stream, bench.backend.group)],
    ["the stream is deleted", () => bench.redis.del(bench.backend.stream)],
    [
      "the stream is another type of key for a moment",
      async () => {
        await bench.redis.set(bench.backend.stream, "what?");
        await bench.redis.del(bench.backend.stream);
      },
    ],
  ])("when %s under a blocked reader, it reads again within a second (I10)", async (_, mischief) => {
    const process = await reader();
    await blocked(process);
    await mischief();
    const id = await add();
    await eventually(
      () => process.seen,
      (seen) => seen.includes(id),
      1_000,
    );
  });

  test("when its stream was deleted, the index forgets what was in it", async () => {
    const process = await reader({
      lostWork: { state: "open", agentTypes: ["backend"], alsoIn: [bench.keys.dispatch] },
    });
    await blocked(process);
    await bench.redis.hset(bench.keys.inFlight("backend"), "lost", "1", "done", "1:done");
    await bench.redis.del(bench.backend.stream);
    await eventually(
      () => bench.redis.hgetall(bench.keys.inFlight("backend")),
      (index) => !("lost" in index),
    );
    await expect(bench.redis.hgetall(bench.keys.inFlight("backend"))).resolves.toEqual({ done: "1:done" });
  });

  test("declared dead, it drops what it holds and reads on under its new name", async () => {
    const process = await reader({ onEntries: async () => undefined });
    const id = await add();
    await eventually(
      () => process.consumer.heldCount,
      (count) => count === 1,
    );
    const old = process.member.identity.incarnation;
    await bury(old);
    await eventually(
      () => process.member.identity.incarnation,
      (incarnation) => incarnation !== old,
    );
    // Its own old entry comes back as a claimed one.
    await eventually(
      () => bench.pending(process.member.identity.incarnation),
      (pending) => pending.includes(id),
    );
    await eventually(
      () => process.consumer.heldCount,
      (count) => count === 1,
    );
  });

  test("one that was declared dead while it was cut off takes nothing more under its old name", async () => {
    const process = await reader({}, { heartbeatMs: 60_000 });
    await blocked(process);
    const old = process.member.identity.incarnation;
    const connection = await idOf(process);
    await bury(old);
    await bench.redis.client("KILL", "ID", connection);
    const id = await add();
    await eventually(
      () => process.seen,
      (seen) => seen.includes(id),
    );
    expect(process.member.identity.incarnation).not.toBe(old);
    await expect(bench.pending(old)).resolves.toEqual([]);
  });

  test("quiet takes nothing new; stop may be called twice, or before start", async () => {
    const process = await reader({ blockMs: LONGER_THAN_A_TEST_MS });
    await blocked(process);
    process.consumer.quiet();
    await eventually(
      () => isBlocked(process),
      (is) => !is,
    );
    await add();
    await Promise.all([process.consumer.stop(), process.consumer.stop()]);
    await process.consumer.stop();
    expect(process.seen).toEqual([]);
    await eventually(
      () => clientOf(process),
      (client) => client === undefined,
    );
  });
});

describe("on a server of its own", () => {
  let redis: OwnRedis;

  beforeEach(async () => {
    redis = await OwnRedis.start();
    bench = await Bench.open(redis.url, "");
  });
  afterEach(async () => {
    await bench.close();
    await redis.stop();
  });

  test("ten times killed and restarted, it reads within a second each time, and nothing is lost (I10)", async () => {
    const process = await reader({
      onEntries: async (entries) => void process.seen.push(...entries.map(({ id }) => id)),
    });
    for (let round = 0; round < 10; round++) {
      await redis.kill();
      await redis.start();
      const id = await add();
      await eventually(
        () => process.seen,
        (seen) => seen.includes(id),
        1_000,
      );
    }
    expect(new Set(process.seen).size).toBe(process.seen.length);
    expect(process.seen).toHaveLength(10);
  }, 60_000);

  test("fifty times cut off, whatever it was doing, it reads within a second each time", async () => {
    const process = await reader();
    for (let round = 0; round < 50; round++) {
      await bench.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      const id = await add();
      await eventually(
        () => process.seen,
        (seen) => seen.includes(id),
        1_000,
      );
    }
  }, 60_000);

  test("after FLUSHALL it reads within a second of the new epoch, as a new incarnation", async () => {
    const process = await reader();
    await blocked(process);
    const old = process.member.identity.incarnation;
    await bench.redis.flushall();
    await bench.manager.writeEpoch("2", null);
    const id = await add();
    await eventually(
      () => process.seen,
      (seen) => seen.includes(id),
      1_000,
    );
    await eventually(
      () => process.manager.epoch,
      (epoch) => epoch === "2",
      1_000,
    );
    await eventually(
      () => process.member.identity.incarnation,
      (incarnation) => incarnation !== old,
      1_000,
    );
    const later = await add();
    await eventually(
      () => process.seen,
      (seen) => seen.includes(later),
      1_000,
    );
    await eventually(
      () => bench.pending(),
      (pending) => pending.length === 0,
      2_000,
    );
  });

  test("frozen with its connections open, the server is found again by the watchdog", async () => {
    const process = await reader();
    await blocked(process);
    redis.freeze();
    // Longer than a blocked read and its margin: the reader has cut itself off and waits for a connection.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    redis.thaw();
    const id = await add();
    await eventually(
      () => process.seen,
      (seen) => seen.includes(id),
      1_000,
    );
  });

  test("stop ends while the server is away", async () => {
    const process = await reader();
    await redis.kill();
    await process.consumer.stop();
    await process.member.stop({ goodbye: true });
  });
});
