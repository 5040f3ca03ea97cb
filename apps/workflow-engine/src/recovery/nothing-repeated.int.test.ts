/** What looks like a loss and is none: nothing is dispatched a second time. */
import { taskKeyOf } from "@agent-hive/contracts";
import { createPool } from "@agent-hive/persistence";
import { eventually, OwnRedis } from "@agent-hive/testing";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

const LIMIT_MS = 60_000;

const task = (id: string, dependsOn: string[] = []) => ({ id, agentType: "backend", dependsOn });

/** Makes all tasks look as if they had been dispatched long ago. */
async function growOld({ database }: TestHive): Promise<void> {
  const pool = createPool({ url: database.url, applicationName: "test" });
  await pool.query("update task set dispatched_at = dispatched_at - interval '1 minute'");
  await pool.query("update hive_state set epoch_began = epoch_began - interval '2 minutes'"); // else they would be lost
  await pool.end();
}

test(
  "a task whose result waits to be recorded is not published again by the sweeper, though another one is",
  async () => {
    const hive = await startHive({ handle: null });
    try {
      const { redis, keys } = hive;
      const id = await hive.submit({ name: "two", tasks: [task("waiting"), task("missing")] });
      await eventually(
        () => redis.xlen(keys.dispatch),
        (length) => length === 1, // one entry with both
      );
      const index = keys.inFlight("backend");
      await redis
        .multi()
        .hset(index, taskKeyOf(id, 0), "1:done")
        .hdel(index, taskKeyOf(id, 1))
        .xtrim(keys.dispatch, "MAXLEN", 0)
        .exec();
      await growOld(hive);
      // Both are in one page of the sweeper, so what it publishes of the page comes at once.
      const [entry] = await eventually(
        () => redis.xrange(keys.dispatch, "-", "+"),
        (entries) => entries.length > 0,
      );
      expect(JSON.parse(entry![1].at(-1)!)).toMatchObject([{ k: taskKeyOf(id, 1) }]);
      expect(await redis.xlen(keys.dispatch)).toBe(1);
      expect(await redis.hgetall(index)).toEqual({ [taskKeyOf(id, 0)]: "1:done", [taskKeyOf(id, 1)]: "1" });
    } finally {
      await hive.stop();
    }
  },
  LIMIT_MS,
);

test(
  "a Redis that was killed and comes back with its data has another run_id and the same epoch: no attempt is repeated",
  async () => {
    const redisServer = await OwnRedis.start();
    const hive = await startHive({ handle: null, redisUrl: redisServer.url });
    try {
      const wide = Array.from({ length: 50 }, (_, i) => task(`wide-${i}`));
      const end = task(
        "end",
        wide.map(({ id }) => id),
      );
      const id = await hive.submit({ name: "wide", tasks: [...wide, end] });
      const { redis, keys } = hive;
      await eventually(
        () => redis.xlen(keys.dispatch),
        (length) => length > 0,
      );
      const runId = async (): Promise<string> => /run_id:(\w+)/.exec(await redis.info("server"))![1]!;
      const before = { runId: await runId(), epoch: await redis.get(keys.epoch) };
      await redisServer.kill();
      await redisServer.start();
      expect(await runId()).not.toBe(before.runId);

      await hive.startAgents();

      expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { succeeded: 51 } });
      const attempts = await hive.attempts(id);
      expect(attempts).toHaveLength(51);
      expect(new Set(attempts.map(({ attempt, outcome }) => `${attempt} ${outcome}`))).toEqual(
        new Set(["1 succeeded"]),
      );
      expect(await redis.get(keys.epoch)).toBe(before.epoch);
    } finally {
      await hive.stop();
      await redisServer.stop();
    }
  },
  LIMIT_MS,
);
