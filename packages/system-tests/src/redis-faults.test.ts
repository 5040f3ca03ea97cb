/**
 * Redis goes away in every way it can, under a whole hive at work. What it held is in PostgreSQL: nothing is lost, nothing
 * recorded twice, nobody charged or declared dead for it (I1, I2, I9, I10); and while the epoch is the same, nothing is
 * repeated either.
 */
import { setTimeout as delay } from "node:timers/promises";
import { eventually, OwnRedis } from "@agent-hive/testing";
import { Redis } from "ioredis";
import { Ledger } from "./stores/ledger.js";
import { crossing, NotingHive } from "./stores/noting-hive.js";
import { Readers } from "./stores/readers.js";

const WIDTH = 100;
const TASKS = 2 * WIDTH + 1;
/** Engine, router, and two processes of each of two agent types. */
const READERS = 6;
/** The aim is a second, which campaigns measure; more here, where the machine may be busy with other tests. */
const READING_WITHIN_MS = 2_500;
/** Longer than it takes to call a process frozen whose heartbeat stands still. */
const LONG_MS = 2_200;

let server: OwnRedis;
let noting: NotingHive;
let redis: Redis;
let readers: Readers;
let ledger: Ledger;

beforeAll(async () => {
  server = await OwnRedis.start();
  noting = await NotingHive.start({ stores: { redisUrl: server.url } });
  redis = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
  redis.on("error", () => undefined);
  readers = new Readers(server.url);
  ledger = await Ledger.open(noting.hive.databaseUrl);
}, 120_000);

afterAll(async () => {
  await ledger?.close();
  readers?.close();
  redis?.disconnect();
  await noting?.stop();
  await server?.stop();
}, 60_000);

/** A workflow in the middle of its work, all readers at theirs. */
async function underway(): Promise<string> {
  const names = await eventually(
    () => readers.remember(),
    (reading) => reading.length === READERS,
  );
  expect(new Set(names).size).toBe(READERS);
  const { id } = await noting.hive.submit(crossing(WIDTH, 20));
  await eventually(
    () => noting.hive.client.workflow(id),
    ({ tasks }) => tasks.succeeded > 10,
  );
  return id;
}

interface Ended {
  /** Highest attempt of any task. */
  attempts: number;
  /** Calls of handlers beyond one for each task. */
  repeated: number;
  outcomes: Record<string, number>;
}

/** Everything has ended well, and nobody was blamed. */
async function ended(id: string): Promise<Ended> {
  expect(await noting.hive.ended(id)).toMatchObject({ state: "succeeded", tasks: { succeeded: TASKS } });
  expect(await ledger.violations()).toEqual([]);
  const { redisUrl } = noting.hive.launcher;
  expect(redisUrl).toBe(server.url);
  const dead = (await noting.hive.client.verdicts()).filter(({ kind }) => kind !== "left");
  expect(dead).toEqual([]);
  const history = await noting.hive.client.attempts(id);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of history) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const runs = noting.runs().filter((run) => run.workflowId === id);
  return { attempts: Math.max(...history.map(({ attempt }) => attempt)), repeated: runs.length - TASKS, outcomes };
}

const NOTHING_REPEATED: Ended = { attempts: 1, repeated: 0, outcomes: { succeeded: TASKS } };

/** Nothing stays behind in Redis once all has ended (I9). */
async function expectEmpty(): Promise<void> {
  const { keys } = noting.hive;
  const streams = [
    keys.dispatch,
    keys.results,
    keys.stream("agent_messages:left"),
    keys.stream("agent_messages:right"),
  ];
  await eventually(
    async () => [
      ...(await Promise.all(streams.map((stream) => redis.xlen(stream)))),
      ...(await Promise.all(["left", "right"].map((type) => redis.hlen(keys.inFlight(type))))),
    ],
    (left) => left.every((count) => count === 0),
  );
}

describe("with the epoch kept, nothing is repeated", () => {
  test("killed and started again with its data", async () => {
    const id = await underway();
    await server.restart();
    await readers.revived(await readers.answering(), READING_WITHIN_MS, true);
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
    await expectEmpty();
  }, 60_000);

  test("shut down in good order, and back after a while", async () => {
    const id = await underway();
    await server.shutDown();
    await delay(500);
    await server.start();
    await readers.revived(await readers.answering(), READING_WITHIN_MS, true);
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
  }, 60_000);

  test("all connections are killed, again and again", async () => {
    const id = await underway();
    for (let round = 0; round < 5; round++) {
      expect(await readers.killConnections()).toBeGreaterThan(READERS);
      await readers.revived(performance.now(), READING_WITHIN_MS, false);
      await readers.remember();
    }
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
  }, 60_000);

  test("all connections of one process are killed: it is no crash while its heart beats on", async () => {
    const id = await underway();
    expect(await readers.killConnections("left-1")).toBeGreaterThanOrEqual(2);
    expect(await noting.hive.ended(id)).toMatchObject({ state: "succeeded" });
    expect(await ledger.violations()).toEqual([]);
  }, 60_000);

  test("CLIENT KILL TYPE normal", async () => {
    const id = await underway();
    await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
  }, 60_000);

  test.each(["ALL", "WRITE"])(
    "CLIENT PAUSE %s, for longer than a freeze takes to be seen",
    async (mode) => {
      const id = await underway();
      await redis.client("PAUSE", LONG_MS, mode as "ALL");
      expect(await ended(id)).toEqual(NOTHING_REPEATED);
    },
    60_000,
  );

  test("it hangs, for longer than a command may take", async () => {
    const id = await underway();
    server.freeze();
    await delay(LONG_MS);
    server.thaw();
    await readers.answering();
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
  }, 60_000);

  test("it is out of memory, for longer than a freeze takes to be seen, and then no more", async () => {
    const id = await underway();
    await redis.config("SET", "maxmemory", "1");
    await delay(LONG_MS);
    expect((await noting.hive.client.workflow(id)).state).toBe("running");
    await redis.config("SET", "maxmemory", "0");
    expect(await ended(id)).toEqual(NOTHING_REPEATED);
    await expectEmpty();
  }, 60_000);
});

describe("with the epoch gone, what was in flight gets another attempt, uncharged", () => {
  test("FLUSHALL", async () => {
    const id = await underway();
    await redis.flushall();
    const { attempts, outcomes } = await ended(id);
    expect(attempts).toBe(2);
    expect(outcomes).toEqual({ succeeded: TASKS, lost: expect.any(Number) });
    await expectEmpty();
  }, 60_000);

  test("killed, and started again with nothing", async () => {
    const id = await underway();
    await server.kill();
    server.cutAppendOnlyFile(Infinity);
    await server.start();
    await readers.revived(await readers.answering(), READING_WITHIN_MS, true);
    const { attempts, outcomes } = await ended(id);
    expect(attempts).toBe(2);
    expect(outcomes).toEqual({ succeeded: TASKS, lost: expect.any(Number) });
    await expectEmpty();
  }, 60_000);
});

describe("with a part of it gone, what stood there is published again, at the same attempt", () => {
  test("the latest writes, as a loss of power takes them", async () => {
    const id = await underway();
    await server.kill();
    server.cutAppendOnlyFile(20_000);
    await server.start();
    await readers.revived(await readers.answering(), READING_WITHIN_MS, true);
    const { outcomes } = await ended(id);
    expect(outcomes["succeeded"]).toBe(TASKS);
    await expectEmpty();
  }, 60_000);

  test.each([
    ["the dispatch stream", async () => redis.del(noting.hive.keys.dispatch)],
    ["an agents' stream", async () => redis.del(noting.hive.keys.stream("agent_messages:left"))],
    ["the results", async () => redis.del(noting.hive.keys.results)],
    [
      "an agents' group",
      async () => redis.xgroup("DESTROY", noting.hive.keys.stream("agent_messages:right"), "right_consumers"),
    ],
    ["the engines' group", async () => redis.xgroup("DESTROY", noting.hive.keys.results, "workflow_engines")],
    ["an in-flight index", async () => redis.del(noting.hive.keys.inFlight("left"))],
  ])(
    "%s is deleted",
    async (_, remove) => {
      const id = await underway();
      await remove();
      const { attempts, outcomes } = await ended(id);
      expect([attempts, outcomes["succeeded"]]).toEqual([1, TASKS]);
      await expectEmpty();
    },
    60_000,
  );
});
