import { AgentTypes, createKeys } from "@agent-hive/contracts";
import { plannedGroups } from "./planned-groups.js";

const group = (type: string, agentType: string) => ({
  type,
  agentType,
  group: `${type.toLowerCase()}_consumers`,
  stream: `agent_messages:${type.toLowerCase()}`,
  maxConsumers: 1,
  capabilities: [],
});

test("a lost stream's tasks are looked for in every stream that an open task of their types can be in", () => {
  const types = new AgentTypes([group("CPU", "worker"), group("GPU", "worker"), group("QA", "qa")]);
  const plan = plannedGroups(types, createKeys("p:"));
  expect(plan.map(({ group: name, stream, lost }) => [name, stream, lost.state, lost.agentTypes, lost.alsoIn])).toEqual(
    [
      [
        "routers",
        "p:workflow:dispatch",
        "open",
        ["worker", "qa"],
        ["p:agent_messages:cpu", "p:agent_messages:gpu", "p:agent_messages:qa"],
      ],
      ["workflow_engines", "p:workflow:results", "done", ["worker", "qa"], []],
      [
        "cpu_consumers",
        "p:agent_messages:cpu",
        "open",
        ["worker"],
        ["p:workflow:dispatch", "p:agent_messages:cpu", "p:agent_messages:gpu"],
      ],
      [
        "gpu_consumers",
        "p:agent_messages:gpu",
        "open",
        ["worker"],
        ["p:workflow:dispatch", "p:agent_messages:cpu", "p:agent_messages:gpu"],
      ],
      ["qa_consumers", "p:agent_messages:qa", "open", ["qa"], ["p:workflow:dispatch", "p:agent_messages:qa"]],
    ],
  );
});
