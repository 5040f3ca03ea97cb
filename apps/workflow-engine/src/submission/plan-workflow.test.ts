import { AgentTypes, workflowDefinitionSchema, type WorkflowDefinitionInput } from "@agent-hive/contracts";
import { planWorkflow } from "./plan-workflow.js";

const group = (type: string, agentType: string, capabilities: string[] = []) => ({
  type,
  agentType,
  group: `${type.toLowerCase()}_consumers`,
  stream: `agent_messages:${agentType}`,
  maxConsumers: 3,
  capabilities,
});
const agentTypes = new AgentTypes([
  group("ARCHITECTS", "architects", ["design"]),
  group("BACKEND_ENGINEERS", "backend"),
]);
const context = { agentTypes, id: "01a20922-1fa8-70c4-9ed9-4d9278452d8e", traceparent: "tp" };
const plan = (definition: WorkflowDefinitionInput) => planWorkflow(workflowDefinitionSchema.parse(definition), context);

test("tasks keep their order; dependencies become positions, both ways, and paths are measured", () => {
  const tasks = [
    { id: "join", agentType: "backend", dependsOn: ["left", "right"] },
    { id: "left", agentType: "Backend_Engineers", dependsOn: ["start"] },
    { id: "right", agentType: "BACKEND", dependsOn: ["start"] },
    { id: "start", agentType: "architects", handler: "design", input: { a: 1 } },
  ];
  const { workflow } = plan({ name: "w", input: [1], priority: 9, tasks });
  expect(workflow).toMatchObject({ name: "w", priority: 9, input: "[1]", id: context.id, traceparent: "tp" });
  expect(
    workflow!.tasks.map(({ taskId, agentType, dependsOn, successors, remainingPath }) => [
      taskId,
      agentType,
      dependsOn,
      successors,
      remainingPath,
    ]),
  ).toEqual([
    ["join", "backend", [1, 2], [], 1],
    ["left", "backend", [3], [0], 2],
    ["right", "backend", [3], [0], 2],
    ["start", "architects", [], [1, 2], 3],
  ]);
  expect(workflow!.tasks.map((task) => task.handler)).toEqual(["join", "left", "right", "design"]);
  expect(workflow!.tasks.map((task) => task.input)).toEqual([null, null, null, '{"a":1}']);
});

test("phases become tasks that wait for the phase before; what names no type is found by capability", () => {
  const { workflow } = plan({
    name: "w",
    phases: { first: ["design"], second: { BACKEND_ENGINEERS: ["a", "b"] }, third: { backend: ["c"] } },
  });
  expect(workflow!.tasks.map(({ taskId, agentType, dependsOn }) => [taskId, agentType, dependsOn])).toEqual([
    ["design", "architects", []],
    ["a", "backend", [0]],
    ["b", "backend", [0]],
    ["c", "backend", [1, 2]],
  ]);
  expect(workflow!.tasks[0]).toMatchObject({ timeoutMs: 600_000, retry: { maxAttempts: 3 } });
});

test("problems of the graph and of inputs come together", () => {
  const tasks = [{ id: "a", agentType: "jugglers", dependsOn: ["a"], input: "x".repeat(70_000) }];
  const codes = plan({ name: "w", tasks }).problems!.map((problem) => problem.code);
  expect(codes.toSorted()).toEqual(["input_too_large", "self_dependency", "unknown_agent_type"]);
});

test("a chain of 100,000 tasks is planned without recursion", () => {
  const tasks = Array.from({ length: 100_000 }, (_, i) => ({
    id: `t${i}`,
    agentType: "backend",
    dependsOn: i === 0 ? [] : [`t${i - 1}`],
  }));
  expect(plan({ name: "w", tasks }).workflow!.tasks[0]!.remainingPath).toBe(100_000);
});
