import type { Struck } from "../strike.js";
import { judgeStrikes } from "./recovery.js";

const TARGET = { floor: 30_000, aim: 500 };
const KILLED: Struck = {
  act: "crash",
  agentId: "backend-1",
  state: "succeeded",
  noticedMs: 20,
  runningMs: 90,
  recorded: 1,
  lateResultRefused: null,
};
const FROZEN: Struck = { ...KILLED, act: "freeze", runningMs: 2400, lateResultRefused: true };

test("kills whose tasks ran elsewhere hold, with median and slowest", () => {
  const struck = [KILLED, { ...KILLED, runningMs: 700 }, { ...KILLED, runningMs: 110 }];
  expect(judgeStrikes(struck, TARGET)).toMatchObject({
    state: "held",
    found: "struck 3 times: running elsewhere after 700 ms at most, recorded once",
    figures: [
      { name: "kill to verdict, median", value: 20 },
      { name: "kill to running elsewhere, median", value: 110 },
      { name: "kill to running elsewhere, slowest", value: 700 },
    ],
  });
});

test("the aim is said to be met only if every kill met it", () => {
  expect(judgeStrikes([KILLED], TARGET)).toMatchObject({
    found: "struck once: running elsewhere after 90 ms at most, recorded once (aim 500 ms met)",
  });
});

test("a frozen process whose late result was refused holds", () => {
  expect(judgeStrikes([FROZEN], { floor: 30_000, aim: 2000 }).state).toBe("held");
});

test.each<[string, Struck, string]>([
  ["too late", { ...KILLED, runningMs: 31_000 }, "its task ran elsewhere after 31.0 s, 30.0 s at most"],
  ["never", { ...KILLED, runningMs: null }, "its task never ran elsewhere"],
  ["and was recorded twice", { ...KILLED, recorded: 2 }, "the result of its task was recorded 2 times"],
  ["and was not recorded", { ...KILLED, recorded: 0 }, "the result of its task was recorded 0 times"],
  ["and its workflow failed", { ...KILLED, state: "failed" }, "its workflow failed"],
  ["and its late result was taken", { ...FROZEN, lateResultRefused: false }, "its late result was not refused"],
])("a task that ran elsewhere %s fails the check, which names the agent", (_, struck, found) => {
  const finding = judgeStrikes([KILLED, struck], TARGET);
  expect(finding).toMatchObject({ state: "failed", remedy: expect.stringContaining("coordinator") });
  expect(finding).toMatchObject({ found: expect.stringMatching(/^backend-1, struck by a (kill|freeze): /) });
  expect(finding).toMatchObject({ found: expect.stringContaining(found) });
});
