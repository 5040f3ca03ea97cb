import type { DispatchedTask } from "@agent-hive/persistence";
import type { PublishReport } from "@agent-hive/streams";
import { LostTasks } from "./lost-tasks.js";

const PUBLISHED: PublishReport = { status: "ok", published: 1_000, inFlight: {} };

/** PostgreSQL with full pages of lost tasks, and a Redis that takes them when it is told to. */
function setup({ pages, perSecond = 1_000_000_000 }: { pages: number; perSecond?: number }) {
  let read = 0;
  const waiting: { resolve: (report: PublishReport) => void; reject: (error: Error) => void }[] = [];
  const state = {
    redispatchLost: async () => {
      read += 1;
      const dispatched = Array.from({ length: 1_000 }, () => ({})) as DispatchedTask[];
      return { dispatched, askedAtMs: 0, next: read < pages ? { workflowId: "w", position: read } : null };
    },
  };
  const executor = {
    publish: () => new Promise<PublishReport>((resolve, reject) => waiting.push({ resolve, reject })),
  };
  const pauses: number[] = [];
  const elapsedMs = () => pauses.reduce((sum, ms) => sum + ms, 0);
  const pause = async (ms: number) => void pauses.push(ms);
  return {
    lost: new LostTasks(state, executor, perSecond, { now: elapsedMs, pause }),
    pauses,
    pagesRead: () => read,
    onTheWay: () => waiting.length,
    takeAll: () => waiting.splice(0).forEach(({ resolve }) => resolve(PUBLISHED)),
    refuse: () => waiting.splice(0, 1).forEach(({ reject }) => reject(new Error("Redis went away again"))),
  };
}

const turns = async () => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("PostgreSQL works at further pages while Redis takes the first, but no more than three are in memory", async () => {
  const { lost, pagesRead, onTheWay, takeAll } = setup({ pages: 5 });
  const done = lost.redispatch();
  await turns();
  expect([pagesRead(), onTheWay()]).toEqual([3, 3]);
  takeAll();
  await turns();
  expect([pagesRead(), onTheWay()]).toEqual([5, 2]);
  takeAll();
  expect(await done).toBe(5_000);
});

test("no more are dispatched in a second than agreed", async () => {
  const { lost, takeAll, pauses } = setup({ pages: 3, perSecond: 10_000 });
  const done = lost.redispatch();
  await turns();
  takeAll();
  expect(await done).toBe(3_000);
  expect(pauses).toEqual([100, 100, 100]);
});

test("if Redis goes away again it fails, to be started over", async () => {
  const { lost, refuse } = setup({ pages: 5 });
  const done = lost.redispatch();
  await turns();
  refuse();
  await expect(done).rejects.toThrow("Redis went away again");
});
