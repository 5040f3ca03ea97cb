/**
 * A process for tests: an agent of the `backend` type that holds what it is given, begun, and does nothing with it.
 * Told "block <ms>" on standard input, it blocks its main loop that long. Tells its life on standard output.
 */
import { createInterface } from "node:readline";
import { createKeys } from "@agent-hive/contracts";
import { GroupConsumer, HiveMember, RedisStreamsManager } from "@agent-hive/streams";

const { REDIS_URL, HIVE_KEY_PREFIX, HIVE_AGENT_ID } = process.env as Record<string, string>;
const keys = createKeys(HIVE_KEY_PREFIX);
const group = { stream: keys.stream("agent_messages:backend"), group: "backend_engineers_consumers", agentType: "backend" };
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
