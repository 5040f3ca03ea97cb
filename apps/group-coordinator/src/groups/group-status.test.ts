import type { AgentGroup, GroupStatus, Registration } from "@agent-hive/contracts";
import { changedStatuses, groupStatuses } from "./group-status.js";

const backend: AgentGroup = {
  type: "BACKEND",
  agentType: "backend",
  group: "backend_consumers",
  stream: "agent_messages:backend",
  maxConsumers: 8,
  capabilities: [],
};
const registration = (incarnation: string, more: Partial<Registration>): Registration => ({
  incarnation,
  agentId: incarnation,
  service: "agent",
  group: backend.group,
  slots: 1,
  handlers: [],
  pid: 1,
  host: "here",
  registeredAt: "2026-11-23T00:00:00.000Z",
  runId: "run",
  connections: [],
  ...more,
});
const byGroup = (statuses: GroupStatus[]) => new Map(statuses.map((status) => [status.group, status]));

test("slots and handlers of a group are those of all its consumers together", () => {
  const members = [
    registration("a", { slots: 2, handlers: ["hash", "echo"] }),
    registration("b", { slots: 3, handlers: ["echo"] }),
    registration("engine", { group: "workflow_engines", slots: 7 }),
  ];
  expect(groupStatuses([backend], members, new Map())).toEqual([
    {
      group: "backend_consumers",
      agentType: "backend",
      stream: "agent_messages:backend",
      consumers: 2,
      slots: 5,
      handlers: ["echo", "hash"],
    },
  ]);
});

test("a group whose last consumer is gone has no slots, and keeps the handlers it had", () => {
  const before = groupStatuses([backend], [registration("a", { handlers: ["echo"] })], new Map());
  const [after] = groupStatuses([backend], [], byGroup(before));
  expect(after).toMatchObject({ consumers: 0, slots: 0, handlers: ["echo"] });
});

test("only what changed is told", () => {
  const before = groupStatuses([backend], [registration("a", {})], new Map());
  expect(changedStatuses(before, new Map())).toEqual(before);
  expect(changedStatuses(groupStatuses([backend], [registration("b", {})], byGroup(before)), byGroup(before))).toEqual(
    [],
  );
  expect(changedStatuses(groupStatuses([backend], [], byGroup(before)), byGroup(before))).toHaveLength(1);
});
