import { judgeGroups, judgeServices } from "./services.js";
import { judgeRedisAccess, judgeSettings } from "./settings.js";
import { judgeDeadLetters, judgeOverdue, judgeUnknown } from "./stuck-work.js";

const consumer = { state: "live" } as never;

test("settings hold if all can be used; what is wrong or unknown is told", () => {
  const given = new Map();
  expect(judgeSettings({ problems: [], warnings: [], given })).toMatchObject({ state: "held" });
  const problem = judgeSettings({ problems: ["HIVE_SLOTS is wrong."], warnings: [], given });
  expect(problem).toMatchObject({ state: "failed", found: "HIVE_SLOTS is wrong." });
  expect(judgeSettings({ problems: [], warnings: ["HIVE_X is unknown."], given })).toMatchObject({ state: "failed" });
});

test("a Redis that anybody may use is told, and one that keeps its accounts to itself is not", () => {
  expect(judgeRedisAccess({ user: "default", defaultRules: ["on", "nopass"] })).toMatchObject({ state: "failed" });
  expect(judgeRedisAccess({ user: "default", defaultRules: ["on"] })).toMatchObject({ state: "held" });
  expect(judgeRedisAccess({ user: "router", defaultRules: ["off", "nopass"] })).toMatchObject({ state: "held" });
  expect(judgeRedisAccess({ user: "router", defaultRules: undefined })).toMatchObject({ state: "held" });
});

test("each service that is not ready is told with its reason", () => {
  const well = { name: "router", url: "http://a", problem: undefined };
  expect(judgeServices([well])).toMatchObject({ state: "held", found: "1 ready" });
  expect(judgeServices([well, { name: "qa-1", url: "http://b", problem: "redis: away" }])).toMatchObject({
    state: "failed",
    found: "qa-1 (http://b): redis: away",
  });
});

test("a group without a live consumer is told with what waits for it", () => {
  const group = { group: "qa_consumers", agentType: "qa", length: 7, pending: 2 };
  expect(judgeGroups([{ ...group, consumers: [consumer] }])).toMatchObject({ state: "held", found: "qa 1" });
  for (const consumers of [[], [{ state: "wedged" } as never]]) {
    expect(judgeGroups([{ ...group, consumers }])).toMatchObject({
      state: "failed",
      found: "qa_consumers has none, and 5 entries wait",
    });
  }
});

test("stuck work is told with an example", () => {
  expect(judgeOverdue({ count: 0, example: null })).toMatchObject({ state: "held" });
  expect(judgeOverdue({ count: 3, example: "w" })).toMatchObject({
    state: "failed",
    found: "3, for example of workflow w",
  });
  expect(judgeUnknown(5, [])).toMatchObject({ state: "held", found: "5 looked at" });
  expect(judgeUnknown(5, ["w:1"])).toMatchObject({ state: "failed", found: "1 of 5 are not, for example w:1" });
  expect(judgeDeadLetters([])).toMatchObject({ state: "held" });
  expect(judgeDeadLetters([{ reason: "POISON", count: 2 }])).toMatchObject({ state: "failed", found: "2 POISON" });
});
