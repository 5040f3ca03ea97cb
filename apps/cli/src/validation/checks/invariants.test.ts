import type { Invariant } from "@agent-hive/measurement";
import { judgeInvariants } from "./invariants.js";

const invariant = (id: Invariant["id"], wrong: Partial<Invariant> = {}): Invariant => ({
  id,
  name: `the one called ${id}`,
  holds: true,
  checked: 40,
  violations: [],
  ...wrong,
});

test("invariants that all hold are counted with the facts they were judged by", () => {
  expect(
    judgeInvariants({ invariants: [invariant("I1"), invariant("I2")], tasks: [1, 2, 3], absent: [] }),
  ).toMatchObject({
    state: "held",
    found: "2 hold, over 3 tasks and 80 facts",
  });
});

test("a violated one is told by its first violation, which names what is wrong", () => {
  const violations = ["Task price of workflow w was recorded twice.", "And another."];
  const invariants = [invariant("I1"), invariant("I2", { holds: false, violations })];
  expect(judgeInvariants({ invariants, tasks: [], absent: [] })).toMatchObject({
    state: "failed",
    found: "I2 (the one called I2): Task price of workflow w was recorded twice.",
    remedy: expect.stringContaining("attempt_history"),
  });
});

test("one that looked at nothing does not hold, and what could not be measured is told", () => {
  const invariants = [invariant("I7", { holds: false, checked: 0 })];
  expect(judgeInvariants({ invariants, tasks: [], absent: ["Redis could not be read."] })).toMatchObject({
    state: "failed",
    found: "I7 (the one called I7): nothing was looked at; Redis could not be read.",
  });
});

test("a measurement without invariants proves nothing", () => {
  expect(judgeInvariants({ invariants: [], tasks: [], absent: [] }).state).toBe("failed");
});
