import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import { runMigrations } from "./migrate.js";
import { schemaFingerprint } from "./sql.js";
import { openHiveDatabase, type HiveDatabase } from "./test-fixtures/hive-database.js";
import { failure, joinPlan, planOf, PLENTY, resultFor } from "./test-fixtures/plans.js";
import type { RecordedBatch } from "./types.js";

let database: TestDatabase;
let one: HiveDatabase;
let other: HiveDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
  one = openHiveDatabase(database.url);
  other = openHiveDatabase(database.url);
});
afterAll(async () => {
  await one.assertConserved();
  await Promise.all([one.pool.end(), other.pool.end()]);
  await database.drop();
});

const dispatchedBy = (...batches: RecordedBatch[]) => batches.flatMap(({ dispatched }) => dispatched);

test("two engines that record the two parents of a join at once make it ready exactly once, 200 times", async () => {
  for (let round = 0; round < 200; round++) {
    const plan = joinPlan();
    const { dispatched } = await one.store.submit([plan], { free: PLENTY });
    const both = await Promise.all([
      one.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, PLENTY),
      other.store.recordBatch({ results: [resultFor(dispatched[1]!)] }, PLENTY),
    ]);
    expect(dispatchedBy(...both).map(({ taskId }) => taskId)).toEqual(["t2"]);
  }
});

test("an engine that waits for another's lock counts on from what that one left", async () => {
  const plan = joinPlan();
  const { dispatched } = await one.store.submit([plan], { free: PLENTY });
  const holder = await one.pool.connect();
  await holder.query("begin");
  await holder.query("select lock_workflows(array[$1::uuid])", [plan.id]);
  const waiting = dispatched.slice(0, 2).map((task, index) => {
    return [one, other][index]!.store.recordBatch({ results: [resultFor(task)] }, PLENTY);
  });
  // Asked outside the holder's transaction, which would see one and the same moment for ever.
  const waiters = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while ((await one.pool.query(waiters)).rowCount! < 2) await new Promise((next) => setImmediate(next));
  await holder.query("commit");
  holder.release();
  expect(dispatchedBy(...(await Promise.all(waiting))).map(({ taskId }) => taskId)).toEqual(["t2"]);
});

test("while tasks are published again nothing of theirs is recorded, and what is over is not handed over (keeps I3)", async () => {
  const { dispatched } = await one.store.submit([planOf([{}, {}])], { free: PLENTY });
  await one.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, {});
  const steps: string[] = [];
  const publishing = Promise.withResolvers<void>();
  const published = one.store.whileDispatched(dispatched, async (still) => {
    steps.push(...still.map(({ taskId }) => `publishing ${taskId}`));
    await publishing.promise;
    steps.push("published");
  });
  while (steps.length === 0) await new Promise((next) => setImmediate(next));
  const recorded = other.store
    .recordBatch({ results: [resultFor(dispatched[1]!)] }, {})
    .then(() => steps.push("recorded"));
  const waiters = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while ((await one.pool.query(waiters)).rowCount! < 1) await new Promise((next) => setImmediate(next));
  publishing.resolve();
  await Promise.all([published, recorded]);
  expect(steps).toEqual(["publishing t1", "published", "recorded"]);
});

test("the same batch recorded by two engines at once is applied by one of them", async () => {
  for (let round = 0; round < 50; round++) {
    const { dispatched } = await one.store.submit([planOf([{}, {}, { dependsOn: [0, 1] }])], { free: PLENTY });
    const batch = { results: dispatched.map((task) => resultFor(task)) };
    const both = await Promise.all([one.store.recordBatch(batch, PLENTY), other.store.recordBatch(batch, PLENTY)]);
    expect(both.map(({ verdicts }) => verdicts.join()).sort()).toEqual(["applied,applied", "duplicate,duplicate"]);
    expect(both.map((recorded) => dispatchedBy(recorded).map(({ attempt }) => attempt))).toEqual([[1], [1]]);
  }
});

test("two engines that fill windows at once never dispatch a task twice", async () => {
  const plan = planOf(Array.from({ length: 300 }, () => ({ agentType: "crowd" })));
  await one.store.submit([plan]);
  const fills = Array.from({ length: 40 }, (_, index) => [one, other][index % 2]!.store.fillWindows({ crowd: 10 }));
  const keys = (await Promise.all(fills)).flat().map(({ position }) => position);
  expect(new Set(keys).size).toBe(keys.length);
  while ((await one.store.fillWindows({ crowd: 50 })).length > 0);
  const { rows } = await one.pool.query("select distinct state, attempt from task where workflow_id = $1", [plan.id]);
  expect(rows).toEqual([{ state: "dispatched", attempt: 1 }]);
});

test("recording, retrying, filling, cancelling and redispatching at once neither deadlock nor lose count (I8)", async () => {
  const plans = Array.from({ length: 60 }, () =>
    planOf([{}, {}, { dependsOn: [0] }, { dependsOn: [0, 1] }, { dependsOn: [2, 3] }, {}], { priority: 3 }),
  );
  await one.store.submit(plans, { free: { a: 40 } });
  await one.epochs.advance((await one.epochs.read()).epoch);
  let turn = 0;
  const work = async ({ store }: HiveDatabase, lane: number): Promise<void> => {
    for (let round = 0; round < 25; round++) {
      const { tasks } = await store.dispatchedPage(null, 64, 0);
      const results = tasks
        .filter((_, index) => (index + turn++) % 3 !== 0)
        .map((task, index) => resultFor(task, index % 7 === lane ? failure() : undefined));
      await store.recordBatch({ results: results.toReversed() }, { a: 5 });
      await store.releaseDue(3);
      await store.fillWindows({ a: 7 });
      if (round % 5 === lane) await store.cancel(plans[(round * 7 + lane) % plans.length]!.id);
      await store.redispatchLost(null, 20);
    }
  };
  await Promise.all([work(one, 0), work(other, 1), work(one, 2), work(other, 3)]);
  await one.assertConserved();
}, 60_000);
