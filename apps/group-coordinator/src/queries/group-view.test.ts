import { groupViewSchema, type AgentGroup, type Heartbeat, type Registration } from "@agent-hive/contracts";
import { groupView } from "./group-view.js";

const group: AgentGroup = {
  type: "QA",
  agentType: "qa",
  group: "qa_consumers",
  stream: "agent_messages:qa",
  maxConsumers: 4,
  capabilities: ["api_tests"],
};
const member = (incarnation: string, more: Partial<Registration> = {}): Registration => ({
  incarnation,
  agentId: `agent of ${incarnation}`,
  service: "agent-qa",
  group: group.group,
  slots: 2,
  handlers: ["ui_tests"],
  pid: 7,
  host: "here",
  registeredAt: "2026-11-23T00:00:00.000Z",
  runId: "run",
  connections: [],
  ...more,
});
const beat: Heartbeat = {
  counter: 9,
  mainLoop: 3,
  held: [{ entryId: "1-0", taskKey: "w:1", attempt: 2, elapsedMs: 12.5, timeoutMs: 1000 }],
  rssBytes: 100,
};

test("a group is shown with those of its consumers that live, and what each holds and runs", () => {
  const info = {
    exists: true,
    length: 5,
    pending: 3,
    consumers: [
      { name: "a", pending: 2 },
      { name: "dead", pending: 1 },
    ],
  };
  const view = groupView(group, info, {
    registrations: [member("a"), member("b"), member("engine", { group: "workflow_engines" })],
    heartbeats: new Map([["a", beat]]),
    wedged: new Set(["a"]),
  });
  expect(groupViewSchema.parse(view)).toEqual(view);
  expect(view).toMatchObject({ slots: 4, length: 5, pending: 3, capabilities: ["api_tests", "ui_tests"] });
  expect(view.consumers).toEqual([
    expect.objectContaining({
      incarnation: "a",
      pending: 2,
      running: [{ taskKey: "w:1", attempt: 2, elapsedMs: 12.5 }],
      state: "wedged",
      rssBytes: 100,
    }),
    expect.objectContaining({ incarnation: "b", pending: 0, running: [], state: "live", rssBytes: null }),
  ]);
});
