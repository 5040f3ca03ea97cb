/** What is counted by SQL over all rows is what the pure rules count in the rows themselves. */
import { setTimeout as delay } from "node:timers/promises";
import { factsOf, totalsOf, type RunRecords, type RunTotals } from "@agent-hive/measurement";
import { SmallHive } from "../test-fixtures/small-hive.js";
import { PrimaryRecords, type StoredRecords } from "./primary-records.js";

let hive: SmallHive;

beforeAll(async () => {
  hive = await SmallHive.start();
  await hive.clear();
});
afterAll(() => hive.stop());

/** Rows of history, tasks and workflows, and nothing else. */
const recordsOf = (stored: StoredRecords, window: RunRecords["window"]): RunRecords => ({
  ...stored,
  window,
  acts: [],
  verdicts: [],
  groups: [],
  inFlight: null,
  processes: [],
  events: [],
  published: [],
  clockToleranceMs: 1,
  isAtRest: false,
});

test("totals by SQL are those of the model, step by step, for windows that begin and end anywhere", async () => {
  const all = new PrimaryRecords(hive.pool, 10_000);
  const none = new PrimaryRecords(hive.pool, 20);
  const moments = [await all.nowMs()];
  for (let round = 0; round < 4; round++) {
    await hive.runOne();
    await hive.runWithRetry();
    moments.push(await all.nowMs());
    await hive.runWithCrash();
    await hive.runCancelled();
    await hive.submit();
    await delay(400);
    moments.push(await all.nowMs());
  }
  for (const [first, fromMs] of moments.entries()) {
    for (const toMs of moments.slice(first + 2)) {
      const window = { fromMs, toMs };
      const modelled = totalsOf(factsOf(recordsOf(await all.read(window), window)));
      const { totals } = await none.read(window);
      // A small window is read one by one.
      if (totals !== null) expect(totals).toEqual(modelled);
      else expect(modelled.tasks).toBeLessThanOrEqual(20);
    }
  }
  const whole = { fromMs: moments[0]!, toMs: moments.at(-1)! };
  const { steps } = (await none.read(whole)).totals as RunTotals;
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.at(-1)).toMatchObject({ inFlight: 4, workflows: 4 });
});
