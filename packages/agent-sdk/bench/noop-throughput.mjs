// How many no-op tasks one agent process carries a second: real Redis, real scripts, HIVE_SLOTS slots; no engine, no
// router. All tasks are in the stream before the agent starts, so that nothing but the agent sets the pace.
//
//   npm run bench -w packages/agent-sdk            REDIS_URL, TASKS (100000), HIVE_SLOTS (256)
import { Noop } from "../dist/load-handlers/noop.js";
import { eventually } from "@agent-hive/testing";
import { TestHive } from "../dist/test-fixtures/test-hive.js";

const tasks = Number(process.env.TASKS ?? 100_000);
const slots = Number(process.env.HIVE_SLOTS ?? 256);
const IN_ONE_GO = 1000;

const hive = await TestHive.open();
try {
  for (let done = 0; done < tasks; done += IN_ONE_GO) {
    await Promise.all(Array.from({ length: Math.min(IN_ONE_GO, tasks - done) }, () => hive.publish()));
  }
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const agent = await hive.agent({ noop: new Noop() }, { slots });
  await eventually(
    () => agent.status.completed,
    (completed) => completed >= tasks,
    120_000,
  );
  const seconds = (performance.now() - begin) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  console.log(
    JSON.stringify({
      tasks,
      slots,
      seconds: Number(seconds.toFixed(2)),
      tasksPerSecond: Math.round(tasks / seconds),
      cpuMicrosecondsPerTask: Number(((cpuSeconds * 1e6) / tasks).toFixed(1)),
      rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
    }),
  );
} finally {
  await hive.close();
}
