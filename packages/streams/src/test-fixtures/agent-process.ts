/** A process of its own for tests: a member that reads the backend group and holds whatever it gets, begun. */
import { createKeys } from "@agent-hive/contracts";
import { GroupConsumer } from "../group-consumer.js";
import { HiveMember } from "../hive-member.js";
import { RedisStreamsManager } from "../redis-streams-manager.js";

const [url, prefix, agentId] = process.argv.slice(2) as [string, string, string];
const keys = createKeys(prefix);
const at = {
  stream: keys.stream("agent_messages:backend"),
  group: "backend_engineers_consumers",
  agentType: "backend",
};
const manager = new RedisStreamsManager({ url, keys });
const member = new HiveMember({ manager, service: "agent", agentId, ...at, slots: 10 });
const say = (...words: string[]): void => void process.stdout.write(`${words.join(" ")}\n`);

member.on("renewed", (identity) => say("renewed", identity.incarnation));
await member.start();
const consumer = new GroupConsumer({
  manager,
  member,
  ...at,
  capacity: () => 10,
  onEntries: async (entries) => {
    const tasks = entries.map(({ id, fields }) => ({
      entryId: id,
      taskKey: fields["k"]!,
      attempt: Number(fields["a"]),
      alone: false,
    }));
    await manager.beginTasks(member.identity, { ...at, startedAtMs: Date.now(), tasks });
    for (const { entryId } of tasks) say("begun", entryId);
  },
});
consumer.start();
say("ready", member.identity.incarnation);
process.stdin.on("end", () => void leave()).resume();

async function leave(): Promise<void> {
  await consumer.stop();
  await member.stop();
  await manager.close();
  process.exit(0);
}
