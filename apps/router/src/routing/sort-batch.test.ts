import { AgentTypes, createKeys, deadLetterPayloadSchema, parsePayload, taskEntryFields } from "@agent-hive/contracts";
import { RoutingTable } from "./routing-table.js";
import { sortBatch } from "./sort-batch.js";

const TASK_KEY = "018f0000-0000-7000-8000-000000000000:3";
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const qa = {
  type: "QA_ENGINEERS",
  agentType: "qa",
  group: "qa_engineers_consumers",
  stream: "agent_messages:qa",
  maxConsumers: 4,
  capabilities: ["api_tests"],
};
const context = { keys: createKeys("test:"), by: { incarnation: "i-1", agentId: "router-1", service: "router" } };
const fields = (more: { capability?: string; payload?: string } = {}) =>
  taskEntryFields({
    agentType: "qa",
    taskKey: TASK_KEY,
    attempt: 2,
    capabilities: [more.capability ?? "api_tests"],
    payload: more.payload ?? "{}",
    traceparent: TRACEPARENT,
    tracestate: "hive=1",
  });
const sort = (...batch: Record<string, string>[]) =>
  sortBatch(
    batch.map((entry, index) => ({ id: `${index + 1}-0`, fields: entry })),
    new RoutingTable(new AgentTypes([qa])),
    context,
  );
const letterOf = (payload: string) => {
  const parsed = parsePayload(deadLetterPayloadSchema, payload);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};

test("an entry that a group can take goes to the group's stream, under the hive's prefix", () => {
  expect(sort(fields())).toEqual({
    routed: [
      {
        entryId: "1-0",
        stream: "test:agent_messages:qa",
        task: expect.objectContaining({ agentType: "qa", taskKey: TASK_KEY, attempt: 2, traceparent: TRACEPARENT }),
      },
    ],
    deadLetters: [],
  });
});

test("one entry that cannot be routed does not hold up the others of its batch", () => {
  const { routed, deadLetters } = sort({}, fields(), fields({ capability: "cooking" }), fields());
  expect(routed.map((task) => task.entryId)).toEqual(["2-0", "4-0"]);
  expect(deadLetters.map((letter) => letter.entryId)).toEqual(["1-0", "3-0"]);
});

test("what nobody can take becomes a dead letter of its task, in its trace", () => {
  const unwanted = fields({ capability: "cooking" });
  const [letter] = sort(unwanted).deadLetters;
  expect(letter).toMatchObject({
    agentType: "qa",
    taskKey: TASK_KEY,
    attempt: 2,
    traceparent: TRACEPARENT,
    tracestate: "hive=1",
  });
  expect(letterOf(letter!.payload)).toEqual({
    version: 1,
    reason: "NO_TAKER",
    message: expect.stringMatching(new RegExp(`${TASK_KEY}.*"qa".*"cooking"`)),
    stream: "test:workflow:dispatch",
    entryId: "1-0",
    incarnation: "i-1",
    agentId: "router-1",
    fields: unwanted,
  });
});

test("what does not parse becomes a dead letter without a task, naming the field that is wrong", () => {
  const [letter] = sort({ ...fields(), a: "0" }).deadLetters;
  expect(letter).toEqual({ entryId: "1-0", payload: expect.any(String) });
  expect(letterOf(letter!.payload)).toMatchObject({ reason: "UNPARSEABLE", message: expect.stringMatching(/at a\b/) });
});

test("a dead letter keeps at most 16 KB of each field", () => {
  const [letter] = sort(fields({ capability: "cooking", payload: "x".repeat(100_000) })).deadLetters;
  expect(letterOf(letter!.payload).fields["m"]).toHaveLength(16_384);
});
