/** What the burst shows: messages a second, and the memory of all processes after it. */
import { judgeBurst } from "./burst.js";
import { judgeMemory, type ProcessMemory } from "./memory.js";

const TARGET = { floor: 10_000, aim: 45_000 };
const BURST = { workflows: 200, succeeded: 200, tasks: 2200, seconds: 0.5, slots: 256 };
const LIMITS = { engineMb: 180, otherMb: 150 };
const process = (name: string, mb: number, service = name): ProcessMemory => ({ name, service, mb });

test("a burst counts three messages a task", () => {
  expect(judgeBurst(BURST, TARGET)).toMatchObject({
    state: "held",
    found: "13200 messages/s, 200 of 200 workflows succeeded in 0.5 s, with 256 slots",
    figures: [{ value: 13_200, unit: "1/s" }, { value: 200 }, { value: 256 }],
  });
  expect(judgeBurst({ ...BURST, seconds: 0.1 }, TARGET)).toMatchObject({ found: expect.stringContaining("(aim met)") });
});

test("a burst below the floor fails, with its rate and where to look", () => {
  expect(judgeBurst({ ...BURST, seconds: 1 }, TARGET)).toMatchObject({
    state: "failed",
    found: expect.stringContaining("6600 messages/s"),
    remedy: expect.stringContaining("below 10000"),
  });
});

test("a burst that is fast but loses a workflow fails", () => {
  expect(judgeBurst({ ...BURST, succeeded: 199 }, TARGET)).toMatchObject({
    state: "failed",
    found: expect.stringContaining("199 of 200 workflows"),
    remedy: expect.stringContaining("state=failed"),
  });
});

test("an engine may be larger than other services", () => {
  const finding = judgeMemory([process("workflow-engine", 180), process("router", 150)], LIMITS);
  expect(finding).toMatchObject({ state: "held", found: "the largest: workflow-engine 180 MB, router 150 MB" });
});

test("every process beyond its limit is named with what it has", () => {
  const processes = [
    process("workflow-engine-2", 181, "workflow-engine"),
    process("router", 151),
    process("qa-1", 90, "agent-qa"),
  ];
  expect(judgeMemory(processes, LIMITS)).toMatchObject({
    state: "failed",
    found: "workflow-engine-2 has 181 MB, 180 at most; router has 151 MB, 150 at most",
    figures: [{ value: 181 }, { value: 151 }, { value: 90 }],
  });
});
