import type { AgentGroup, GroupStatus, HiveEvent, Registration, Verdict } from "@agent-hive/contracts";
import { GroupStatusPublisher } from "./group-status-publisher.js";

const backend: AgentGroup = {
  type: "BACKEND",
  agentType: "backend",
  group: "backend_consumers",
  stream: "agent_messages:backend",
  maxConsumers: 8,
  capabilities: [],
};
const member = (incarnation: string): Registration => ({
  incarnation,
  agentId: incarnation,
  service: "agent",
  agentType: "backend",
  group: backend.group,
  slots: 1,
  handlers: ["echo"],
  pid: 1,
  host: "here",
  registeredAt: "2026-11-23T00:00:00.000Z",
  runId: "run",
  connections: [],
});
const verdict = (incarnation: string, kind: Verdict["kind"]): Verdict => ({
  incarnation,
  agentId: incarnation,
  service: "agent",
  kind,
  evidence: "seen",
  by: "judge",
  at: "2026-11-23T00:00:00.000Z",
});

function setup() {
  const redis = {
    registered: [] as Registration[],
    known: [] as Verdict[],
    published: [] as GroupStatus[],
    writes: 0,
    accepts: true,
    events: [] as HiveEvent[],
  };
  const publisher = new GroupStatusPublisher(
    {
      registrations: async () => redis.registered,
      verdicts: async () => redis.known,
      readGroupStatus: async () => redis.published,
      publishEvents: async (events) => void redis.events.push(...events),
      writeGroupStatus: async (_by, statuses) => {
        if (redis.accepts) redis.published = [...statuses];
        redis.writes++;
        return redis.accepts;
      },
    },
    [backend],
  );
  const look = (): Promise<boolean> => publisher.runOnce({ incarnation: "c", agentId: "c", service: "coordinator" }, 1);
  return { redis, publisher, look };
}

test("a change is written at the next look, and nothing is written without one", async () => {
  const { redis, look } = setup();
  await look();
  await look();
  expect(redis.writes).toBe(1);
  redis.registered = [member("a"), member("b")];
  await look();
  await look();
  expect(redis.writes).toBe(2);
  expect(redis.published).toMatchObject([{ consumers: 2, slots: 2, handlers: ["echo"] }]);
});

test("what an earlier leader published is the start: handlers of a group without consumers are kept", async () => {
  const { redis, look } = setup();
  redis.published = [
    {
      group: backend.group,
      agentType: "backend",
      stream: backend.stream,
      consumers: 3,
      slots: 3,
      handlers: ["sketch"],
    },
  ];
  await look();
  expect(redis.published).toMatchObject([{ consumers: 0, slots: 0, handlers: ["sketch"] }]);
});

test("a refused write says that this leader is out of office", async () => {
  const { redis, look } = setup();
  redis.accepts = false;
  expect(await look()).toBe(false);
});

test("onlookers are told who joined, who left and who died, with the reason; not who was there at the first look", async () => {
  const { redis, look } = setup();
  redis.registered = [member("first")];
  await look();
  redis.registered = [member("first"), member("second"), member("third")];
  await look();
  redis.known = [verdict("first", "left"), verdict("second", "crashed")];
  redis.registered = [member("third")];
  await look();
  expect(redis.events.map((event) => [event.type, event.incarnation, event.data?.["kind"]])).toEqual([
    ["consumer.joined", "second", undefined],
    ["consumer.joined", "third", undefined],
    ["consumer.left", "first", undefined],
    ["consumer.dead", "second", "crashed"],
  ]);
});
