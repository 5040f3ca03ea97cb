import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SharedTasksWriter, monotonicMs, readSharedTasks, sharedTasksMemory } from "./shared-tasks.js";

const task = (n: number) => ({
  entryId: `1764108000000-${n}`,
  taskKey: `018f0000-0000-7000-8000-000000000000:${n}`,
  attempt: 1 + n,
  timeoutMs: 86_400_000,
});

function setup(rows = 4) {
  const memory = sharedTasksMemory(rows);
  const names = () => readSharedTasks(memory).map(({ attempt }) => attempt - 1);
  return { memory, writer: new SharedTasksWriter(memory), names };
}

test("what starts is read with all that was told of it, and since when, until it ends", () => {
  const { memory, writer } = setup();
  const beforeMs = monotonicMs();
  writer.add([task(1), task(2)]);
  expect(readSharedTasks(memory)).toEqual(
    expect.arrayContaining([1, 2].map((n) => ({ ...task(n), sinceMs: expect.any(Number) }))),
  );
  for (const { sinceMs } of readSharedTasks(memory)) expect(sinceMs).toBeGreaterThanOrEqual(Math.floor(beforeMs));
  writer.remove(task(1).entryId);
  writer.remove("unknown");
  expect(readSharedTasks(memory)).toMatchObject([task(2)]);
});

test("places are used again, what does not fit is left out, and telling twice is telling once", () => {
  const { writer, names } = setup(2);
  writer.add([task(1), task(1), task(2), task(3)]);
  expect(names().toSorted((a, b) => a - b)).toEqual([1, 2]);
  writer.remove(task(1).entryId);
  writer.add([task(4)]);
  expect(names().toSorted((a, b) => a - b)).toEqual([2, 4]);
  writer.clear();
  expect([names(), writer.size]).toEqual([[], 0]);
});

test("a longest task fits, a longer one is left out", () => {
  const { memory, writer } = setup();
  const longest = {
    entryId: "18446744073709551615-18446744073709551615",
    taskKey: `018f0000-0000-7000-8000-000000000000:${"9".repeat(9)}`,
    attempt: 2_147_483_647,
    timeoutMs: 2_147_483_647,
  };
  writer.add([longest, { ...longest, entryId: "x".repeat(200) }]);
  expect(readSharedTasks(memory)).toMatchObject([longest]);
});

test("another thread sees it while this one is blocked", async () => {
  const { memory, writer } = setup();
  const module = new URL("./shared-tasks.js", import.meta.url).href;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData: { memory, flag } } = require("node:worker_threads");
     import(${JSON.stringify(module)}).then(({ readSharedTasks, monotonicMs }) => {
       for (;;) {
         const [task] = readSharedTasks(memory);
         if (!task) continue;
         Atomics.store(flag, 0, task.attempt + (Math.abs(monotonicMs() - task.sinceMs) < 60_000 ? 0 : 1000));
         Atomics.notify(flag, 0);
         return;
       }
     });`,
    { eval: true, workerData: { memory, flag } },
  );
  await once(worker, "online");
  writer.add([task(6)]);
  Atomics.wait(flag, 0, 0, 10_000); // blocks this thread
  expect(flag[0]).toBe(7);
  await worker.terminate();
});
