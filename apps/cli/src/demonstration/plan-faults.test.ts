import fc from "fast-check";
import { ancestorsOf } from "@agent-hive/product-spec";
import { seededRandom } from "@agent-hive/chaos";
import { planFaults } from "./plan-faults.js";

test("one process of each agent type is killed, and one more is frozen, each at another task", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const plan = planFaults(seededRandom(seed));
      const killed = plan.filter(({ act }) => act === "crash").map(({ agentType }) => agentType);
      expect(killed.sort()).toEqual(["architects", "backend", "frontend", "qa"]);
      expect(plan.filter(({ act }) => act === "freeze")).toHaveLength(1);
      expect(new Set(plan.map(({ taskId }) => taskId)).size).toBe(plan.length);
    }),
  );
});

test("what is frozen is done before a process of its type is killed", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const plan = planFaults(seededRandom(seed));
      const frozen = plan.find(({ act }) => act === "freeze")!;
      const killed = plan.find(({ act, agentType }) => act === "crash" && agentType === frozen.agentType)!;
      expect(ancestorsOf(killed.taskId)).toContain(frozen.taskId);
    }),
  );
});

test("the same seed strikes the same tasks", () => {
  expect(planFaults(seededRandom(7))).toEqual(planFaults(seededRandom(7)));
});
