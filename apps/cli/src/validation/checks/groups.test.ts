import { judgeGroup, type FoundGroup } from "./groups.js";

const view = { group: "qa_engineers_consumers", stream: "agent_messages:qa", maxConsumers: 4 };
const SOUND: FoundGroup = { agentType: "qa", view, isInRedis: true, live: 2, processes: 2 };

test("a group that is in Redis, with every process a live consumer, holds", () => {
  expect(judgeGroup(SOUND)).toMatchObject({
    state: "held",
    found: "qa_engineers_consumers: 2 live of 2 processes, at most 4",
  });
});

test.each<[string, Partial<FoundGroup>, string, string]>([
  ["nobody knows of", { view: undefined }, 'no group of "qa"', "infra/agent-types.yaml"],
  ["is not in Redis", { isInRedis: false }, "qa_engineers_consumers is not in Redis", 'Restart an agent of "qa"'],
  ["lacks a process", { live: 1 }, "1 live of 2 processes", "max_consumers (4)"],
  ["has nobody", { live: 0, processes: 0 }, "0 live of 0 processes", 'what the agents of "qa" log'],
])("a group that %s fails", (_, difference, found, remedy) => {
  expect(judgeGroup({ ...SOUND, ...difference })).toMatchObject({
    state: "failed",
    found: expect.stringContaining(found),
    remedy: expect.stringContaining(remedy),
  });
});
