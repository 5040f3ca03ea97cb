import fc from "fast-check";
import { DurationEstimate } from "./duration-estimate.js";
import { expectedWaitMs, type RoutableGroup, routeTask } from "./route-task.js";

function group(name: string, overrides: Partial<RoutableGroup> = {}): RoutableGroup {
  return { name, agentType: "backend", capabilities: ["api"], slots: 4, inFlight: 0, durationMs: 100, ...overrides };
}
const task = { agentType: "backend", requires: ["api"] };

describe("routeTask", () => {
  test.each([
    ["type decides first", [group("a", { agentType: "qa" }), group("b", { inFlight: 99 })], "b"],
    ["then capability", [group("a", { capabilities: ["db"] }), group("b", { inFlight: 99 })], "b"],
    ["* can do anything", [group("a", { capabilities: ["*"] })], "a"],
    ["then fewer in flight", [group("a", { inFlight: 5 }), group("b", { inFlight: 4 })], "b"],
    ["weighed with duration", [group("a", { inFlight: 4, durationMs: 300 }), group("b", { inFlight: 8 })], "b"],
    ["and with slots", [group("a", { inFlight: 4, slots: 1 }), group("b", { inFlight: 8, slots: 8 })], "b"],
    ["no slots ranks last", [group("a", { slots: 0 }), group("b", { inFlight: 1_000 })], "b"],
    ["yet is allowed", [group("a", { slots: 0 })], "a"],
    ["ties go by name", [group("c"), group("a"), group("b")], "a"],
    ["also without slots", [group("b", { slots: 0 }), group("a", { slots: 0 })], "a"],
  ])("%s", (_, groups, expected) => {
    expect(routeTask(task, groups).group?.name).toBe(expected);
  });

  test("every required capability must be there, and none need be required", () => {
    const groups = [group("a", { capabilities: ["api"] }), group("b", { capabilities: ["api", "gpu"], inFlight: 9 })];
    expect(routeTask({ agentType: "backend", requires: ["gpu", "api"] }, groups).group?.name).toBe("b");
    expect(routeTask({ agentType: "backend", requires: [] }, groups).group?.name).toBe("a");
  });

  test("an unknown type is a dead letter that offers the nearest", () => {
    expect(routeTask({ agentType: "bakend", requires: [] }, [group("a")])).toEqual({
      deadLetter: {
        code: "no_group_of_type",
        message: 'No group has agents of type "bakend". Did you mean "backend"?',
      },
    });
  });

  test("a missing capability is a dead letter that says who lacks what", () => {
    const route = routeTask({ agentType: "backend", requires: ["api", "gpu"] }, [
      group("a"),
      group("b", { capabilities: [] }),
    ]);
    expect(route).toEqual({
      deadLetter: {
        code: "no_capable_group",
        message:
          'No group of type "backend" can do all of "api", "gpu": "a" lacks "gpu"; "b" lacks "api", "gpu". ' +
          "Add the capability to a group, or drop it from the task.",
      },
    });
  });

  test("for any groups, none that could take the task has a smaller wait than the chosen one", () => {
    const anyGroup = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      agentType: fc.constantFrom("backend", "qa"),
      capabilities: fc.subarray(["api", "gpu", "*"]),
      slots: fc.nat(4),
      inFlight: fc.nat(20),
      durationMs: fc.nat(1_000),
    });
    fc.assert(
      fc.property(fc.array(anyGroup), fc.subarray(["api", "gpu"]), (groups, requires) => {
        const able = groups.filter(
          (each) =>
            each.agentType === "backend" &&
            (each.capabilities.includes("*") || requires.every((one) => each.capabilities.includes(one))),
        );
        const { group: chosen } = routeTask({ agentType: "backend", requires }, groups);
        expect(chosen === undefined).toBe(able.length === 0);
        if (chosen === undefined) return;
        expect(able).toContain(chosen);
        expect(able.filter((each) => expectedWaitMs(each) < expectedWaitMs(chosen))).toEqual([]);
      }),
    );
  });
});

describe("duration estimate", () => {
  test("it assumes a second until the first measurement, which it takes whole", () => {
    const estimate = new DurationEstimate();
    expect([estimate.ms, estimate.isLearned]).toEqual([1_000, false]);
    estimate.observe(50);
    expect([estimate.ms, estimate.isLearned]).toEqual([50, true]);
  });

  test("it follows a change within some twenty measurements and shrugs off one outlier", () => {
    const estimate = new DurationEstimate();
    for (let round = 0; round < 20; round++) estimate.observe(100);
    estimate.observe(1_000);
    expect(estimate.ms).toBeCloseTo(280);
    for (let round = 0; round < 20; round++) estimate.observe(500);
    expect(estimate.ms).toBeGreaterThan(490);
  });

  test("what is no duration is ignored", () => {
    const estimate = new DurationEstimate();
    for (const value of [NaN, Infinity, -1]) estimate.observe(value);
    expect(estimate.isLearned).toBe(false);
  });
});
