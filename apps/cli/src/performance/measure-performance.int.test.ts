/** A real hive under a little load: what is measured is what PostgreSQL has, and an interruption leaves what is known. */
import { createWriteStream } from "node:fs";
import { devNull } from "node:os";
import { measurePerformance } from "./measure-performance.js";
import { performanceSchema, type Performance } from "./performance.js";

const log = createWriteStream(devNull);
const told: string[] = [];

function measured(signal: AbortSignal, tell: (line: string) => void): Promise<Performance> {
  const stores = { databaseUrl: process.env["DATABASE_URL"], redisUrl: process.env["REDIS_URL"] };
  const short = { minutes: 0.05, stepSeconds: 1, crowds: [20, 40], killEveryMs: 1_000 };
  return measurePerformance({ ...short, stores, seed: 7, log, tell, signal });
}

afterAll(() => void log.end());

test("every part is measured, agents are killed, and nothing is lost", async () => {
  const performance = await measured(new AbortController().signal, (line) => told.push(line));
  expect(performance.problem).toBeNull();
  expect(performanceSchema.parse(performance)).toEqual(performance);
  const { steps, limit, sustained, atOnce, criteria } = performance;
  expect(steps.length).toBeGreaterThan(0);
  expect(limit).toBe(Math.max(...steps.map((step) => step.measured)));
  expect(sustained!.kills).toBeGreaterThan(0);
  expect(sustained!.strikes).toHaveLength(sustained!.kills);
  expect(sustained!.succeeded).toBe(sustained!.workflows);
  expect(new Set(sustained!.processes.map(({ service }) => service))).toContain("workflow-engine");
  expect(atOnce.map(({ workflows, succeeded, kills }) => [workflows, succeeded, kills])).toEqual([
    [20, 20, 1],
    [40, 40, 1],
  ]);
  expect(criteria.map(({ met }) => met).slice(1)).toEqual([true, true]);
  expect(told.some((line) => line.startsWith("step 1: 2,500 messages/s offered"))).toBe(true);
}, 180_000);

test("interrupted after its first step, it gives the step", async () => {
  const interruption = new AbortController();
  const performance = await measured(interruption.signal, (line) => {
    if (line.startsWith("step 1")) interruption.abort();
  });
  expect(performance).toMatchObject({ problem: "It was interrupted.", atOnce: [] });
  expect(performance.steps).toHaveLength(1);
  expect(performance.criteria.map(({ met }) => met)).toEqual([false, expect.any(Boolean), false]);
}, 120_000);
