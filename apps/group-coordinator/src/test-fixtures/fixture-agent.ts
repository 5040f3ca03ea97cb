/**
 * A process for tests: an agent of the `backend` type. It begins what it is given, and completes it after FIXTURE_TASK_MS;
 * without that setting it holds it for ever. Told "block <ms>" on standard input, it blocks its main loop that long.
 * Tells its life on standard output.
 */
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { createKeys } from "@agent-hive/contracts";
import { GroupConsumer, HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import { newTraceparent } from "@agent-hive/telemetry";

const { REDIS_URL, HIVE_KEY_PREFIX, HIVE_AGENT_ID, FIXTURE_TASK_MS } = process.env as Record<string, string>;
const keys = createKeys(HIVE_KEY_PREFIX);
const group = {
  stream: keys.stream("agent_messages:backend"),
  group: "backend_engineers_consumers",
  agentType: "backend",
};
const manager = new RedisStreamsManager({ url: REDIS_URL!, keys });
const member = new HiveMember({
  manager,
  service: "fixture-agent",
  agentId: HIVE_AGENT_ID!,
  ...group,
  slots: 2,
  handlers: ["hold"],
});
const tell = (event: string, value: string): void => void process.stdout.write(`${event} ${value}\n`);

member.on("renewed", ({ incarnation }) => tell("renewed", incarnation));
const consumer = new GroupConsumer({
  manager,
  member,
  ...group,
  capacity: () => Math.max(0, 2 - consumer.heldCount),
  onEntries: async (entries) => {
    const tasks = entries.map(({ id, fields }) => ({
      entryId: id,
      taskKey: fields["k"]!,
      attempt: Number(fields["a"]),
      alone: false,
    }));
    await manager.beginTasks(member.identity, { ...group, tasks, startedAtMs: Date.now() });
    for (const task of tasks) tell("begun", task.taskKey);
    if (FIXTURE_TASK_MS === undefined) return;
    for (const task of tasks) {
      await delay(Number(FIXTURE_TASK_MS));
      await manager.completeTask(member.identity, group, { ...task, payload: "{}", traceparent: newTraceparent() });
      consumer.settled([task.entryId]);
    }
  },
});

createInterface({ input: process.stdin }).on("line", (line) => {
  const end = performance.now() + Number(line.split(" ")[1]);
  while (performance.now() < end);
  tell("unblocked", line);
});

await member.start();
consumer.start();
tell("ready", member.identity.incarnation);
