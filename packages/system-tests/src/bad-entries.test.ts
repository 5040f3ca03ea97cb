/**
 * Streams and hashes full of what does not belong there: no process ends, no reader stands still, what cannot be read
 * becomes a dead letter with its reason, and the workflows beside it succeed.
 */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { Redis } from "ioredis";
import { eventually } from "@agent-hive/testing";
import { elevenTasks } from "./definitions.js";
import { TestHive } from "./test-hive.js";

let hive: TestHive;
let redis: Redis;

beforeAll(async () => {
  hive = await TestHive.start({ agentsPerType: { architects: 1, backend: 1, frontend: 1, qa: 1 } });
  redis = new Redis(hive.launcher.redisUrl);
}, 120_000);

afterAll(async () => {
  redis?.disconnect();
  await hive?.stop();
}, 60_000);

const TYPES = ["architects", "backend", "frontend", "qa"];
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const pids = () => Object.fromEntries(hive.launcher.supervisor.list().map(({ name, pid }) => [name, pid]));

/** Field by field right, wrong or missing; the same entries in every run. */
const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "0", "-1", "1e400", "9".repeat(30), "null", "[]", "[".repeat(9000), "\0", "x".repeat(500_000)),
);
const field = (right: string) => fc.option(fc.oneof(fc.constant(right), odd), { nil: undefined });
const key = `${randomUUID()}:3`;
const entries = fc.record({
  v: field("1"),
  t: fc.oneof(fc.constantFrom("task", "result", "checkpoint", "crash", "dead-letter"), odd),
  k: field(key),
  a: field("1"),
  g: field("backend"),
  c: field("noop"),
  m: fc.oneof(odd, fc.json(), fc.constant(JSON.stringify({ version: 1, workflowId: randomUUID(), position: 9 }))),
  tp: field(TRACE),
  e: field("1-1"),
  d: field("nobody"),
  al: field("1"),
  ch: field("1"),
  st: field("5"),
});
const flat = (entry: object): string[] =>
  Object.entries(entry).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));

async function runsOn(what: string): Promise<void> {
  const accepted = await hive.client.submitAll(Array.from({ length: 3 }, () => elevenTasks("noop")));
  for (const { id } of accepted) {
    const { state } = await hive.ended(id);
    expect({ what, state }).toEqual({ what, state: "succeeded" });
  }
}

test("entries of any kind in every stream are set aside, and the good ones between them go through", async () => {
  const { keys } = hive;
  const { dispatch, results, control, events } = keys;
  const streams = [dispatch, results, control, events, ...TYPES.map((type) => keys.stream(`agent_messages:${type}`))];
  const before = pids();
  const going = runsOn("while streams are fed with entries of any kind");
  for (const entry of fc.sample(entries, { seed: 11, numRuns: 40 })) {
    const written = flat(entry);
    const pipeline = redis.pipeline();
    for (const each of streams) pipeline.xadd(each, "*", ...written);
    await pipeline.exec();
  }
  await redis.xadd(
    dispatch,
    "*",
    "__proto__",
    "x",
    "constructor",
    "y",
    Buffer.from([0xff, 0x00, 0xc3]),
    Buffer.from([0xfe]),
  );
  await going;
  await hive.until(
    "all streams of work being empty",
    () => lengths([dispatch, results]),
    (all) => all.every((n) => n === 0),
  );
  const letters = await hive.client.deadLetters();
  expect(letters.length).toBeGreaterThan(30);
  for (const { reason, message } of letters) expect([reason, message]).not.toContain("");
  expect(pids()).toEqual(before);
}, 120_000);

test("hashes of any content change nothing", async () => {
  const { keys } = hive;
  const { incarnations, heartbeats, verdicts, groupStatus } = keys;
  const byType = TYPES.flatMap((type) => [keys.inFlight(type), keys.crashes(type), keys.checkpoints(type)]);
  const hashes = [
    ...byType,
    keys.started("backend_engineers_consumers"),
    incarnations,
    heartbeats,
    verdicts,
    groupStatus,
  ];
  const before = pids();
  const values = fc.sample(fc.oneof(odd, fc.json()), { seed: 12, numRuns: 30 });
  for (const hash of hashes) {
    await redis.hset(
      hash,
      ...values.flatMap((value, i) => [i % 2 ? value.slice(0, 50) : `${randomUUID()}:${i}`, value]),
    );
  }
  await runsOn("with hashes of any content");
  expect(pids()).toEqual(before);
}, 120_000);

test("keys of another type are set aside, and everything runs on", async () => {
  const { keys } = hive;
  const { dispatch, results, control, events, epoch, dead, groupStatus, heartbeats } = keys;
  const before = pids();
  for (const name of [
    dispatch,
    results,
    control,
    events,
    epoch,
    dead,
    groupStatus,
    heartbeats,
    keys.stream("agent_messages:backend"),
    keys.inFlight("backend"),
  ]) {
    const going = runsOn(`while ${name.split(":").slice(1).join(":")} is of another type`);
    await redis.multi().del(name).lpush(name, "in the way").exec();
    await going;
    await eventually(
      () => redis.type(name),
      (type) => type !== "list",
    );
    // What is written as a whole, again and again, needs nobody to clear the way.
    if (name !== groupStatus) expect(await redis.type(`${name}:misplaced`)).toBe("list");
  }
  expect(pids()).toEqual(before);
}, 180_000);

async function lengths(streams: string[]): Promise<number[]> {
  return Promise.all(streams.map((stream) => redis.xlen(stream)));
}
