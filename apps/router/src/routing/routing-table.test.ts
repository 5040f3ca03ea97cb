import { AgentTypes, type GroupStatus, type TaskEntry } from "@agent-hive/contracts";
import { RoutingTable, durationBetween } from "./routing-table.js";

const group = (type: string, agentType: string, capabilities: string[]) => ({
  type,
  agentType,
  group: `${type.toLowerCase()}_consumers`,
  stream: `agent_messages:${type.toLowerCase()}`,
  maxConsumers: 4,
  capabilities,
});
const types = new AgentTypes([
  group("ARCHITECTS", "architects", ["system_design"]),
  group("BACKEND_ENGINEERS", "backend", ["api_development"]),
  group("BACKEND_GPU", "backend", ["api_development", "gpu"]),
]);
const task = (agentType: string, ...capabilities: string[]): TaskEntry => ({
  agentType,
  taskKey: "018f0000-0000-7000-8000-000000000000:0",
  attempt: 1,
  capabilities,
  payload: "{}",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
});
const status = (name: string, more: Partial<GroupStatus>): GroupStatus => ({
  group: `${name}_consumers`,
  agentType: "backend",
  stream: `agent_messages:${name}`,
  consumers: 1,
  slots: 1,
  handlers: [],
  ...more,
});

describe("routing", () => {
  test("a task goes to the group of its type, whichever way the type is written and whether or not it has consumers", () => {
    const table = new RoutingTable(types);
    for (const written of ["architects", "ARCHITECTS", "Architects"]) {
      expect(table.route(task(written, "system_design"))).toEqual({ stream: "agent_messages:architects" });
    }
  });

  test("of several groups only one with all capabilities gets the task", () => {
    const table = new RoutingTable(types);
    table.updateStatus([status("backend_engineers", { slots: 8 })]);
    expect(table.route(task("backend", "api_development", "gpu"))).toEqual({ stream: "agent_messages:backend_gpu" });
  });

  test("among able groups the one with the least expected wait gets the task, within a batch too", () => {
    const table = new RoutingTable(types);
    table.updateStatus([status("backend_engineers", { slots: 2 }), status("backend_gpu", { slots: 1 })]);
    const streams = Array.from({ length: 6 }, () => table.route(task("backend", "api_development")));
    const counts = Object.groupBy(streams, (route) => ("stream" in route ? route.stream : "none"));
    expect(counts["agent_messages:backend_engineers"]).toHaveLength(4);
    expect(counts["agent_messages:backend_gpu"]).toHaveLength(2);
  });

  test("learned durations decide between groups with the same work", () => {
    const table = new RoutingTable(types);
    table.updateStatus([status("backend_engineers", {}), status("backend_gpu", {})]);
    for (const [name, added] of [
      ["backend_engineers", 2],
      ["backend_gpu", 101],
    ] as const) {
      table.updateLoad(`${name}_consumers`, { length: 1, added: 1 }, 0);
      table.updateLoad(`${name}_consumers`, { length: 1, added }, 1000);
    }
    expect(table.rows.map((row) => [row.name, row.durationMs])).toEqual([
      ["architects_consumers", 1000],
      ["backend_engineers_consumers", 1000],
      ["backend_gpu_consumers", 10],
    ]);
    expect(table.route(task("backend", "api_development"))).toEqual({ stream: "agent_messages:backend_gpu" });
  });

  test("what a live consumer registered counts as a capability, and goes on counting when the consumer is gone", () => {
    const table = new RoutingTable(types);
    expect(table.route(task("architects", "sketch"))).toHaveProperty("deadLetter");
    table.updateStatus([status("architects", { agentType: "architects", handlers: ["sketch"] })]);
    expect(table.route(task("architects", "sketch"))).toEqual({ stream: "agent_messages:architects" });
    table.updateStatus([]);
    expect(table.route(task("architects", "sketch"))).toEqual({ stream: "agent_messages:architects" });
    table.learnCapabilities([{ group: "architects_consumers", handlers: ["model"] }, { handlers: ["elsewhere"] }]);
    expect(table.route(task("architects", "model"))).toEqual({ stream: "agent_messages:architects" });
  });

  test("what nobody can take is told with task, type, capability and remedy", () => {
    const table = new RoutingTable(types);
    const noCapability = table.route(task("backend", "api_development", "tpu"));
    expect(noCapability).toEqual({ deadLetter: expect.stringContaining('018f0000-0000-7000-8000-000000000000:0"') });
    expect(noCapability).toEqual({ deadLetter: expect.stringMatching(/"backend".*"tpu".*Add the capability/) });
    expect(table.route(task("backends", "x"))).toEqual({ deadLetter: expect.stringMatching(/"backends".*"backend"/) });
  });

  test("only groups that share their type with another are contested", () => {
    expect(new RoutingTable(types).contested.map((row) => row.name)).toEqual([
      "backend_engineers_consumers",
      "backend_gpu_consumers",
    ]);
  });
});

describe("duration of a task between two looks at a stream", () => {
  const look = (atMs: number, length: number, added: number) => ({ load: { length, added }, atMs });

  test.each([
    ["two busy slots that finished ten in a second", look(0, 20, 20), look(1000, 10, 20), 2, 200],
    ["more slots than work: only busy ones count", look(0, 1, 1), look(1000, 1, 11), 8, 100],
    ["nothing finished", look(0, 5, 5), look(1000, 9, 9), 2, undefined],
    ["nothing at work", look(0, 0, 5), look(1000, 0, 9), 2, undefined],
    ["the stream was made anew", look(0, 50, 50), look(1000, 0, 3), 2, undefined],
  ])("%s", (_case, before, after, slots, expected) => {
    expect(durationBetween(before, after, slots)).toBe(expected);
  });
});
