import {
  AgentTypes,
  createKeys,
  deadLetterPayloadSchema,
  parsePayload,
  taskItemJson,
  tasksEntryFields,
  type TaskEntry,
} from "@agent-hive/contracts";
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
const task = (more: { capability?: string; payload?: string } = {}): TaskEntry => ({
  agentType: "qa",
  taskKey: TASK_KEY,
  attempt: 2,
  capabilities: [more.capability ?? "api_tests"],
  payload: more.payload ?? "{}",
  traceparent: TRACEPARENT,
  tracestate: "hive=1",
});
/** A task as it goes on: in the same trace, under a context of its own. */
const sentOn = (sent: TaskEntry): TaskEntry => ({
  ...sent,
  traceparent: expect.stringMatching(new RegExp(`^${TRACEPARENT.slice(0, 36)}[0-9a-f]{16}-01$`)),
});
const unwanted = task({ capability: "cooking" });
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

test("tasks that a group can take go to the group's stream, under the hive's prefix, with their entry", () => {
  const other = task({ payload: '{"other":1}' });
  const stream = "test:agent_messages:qa";
  const { routed, deadLetters } = sort(tasksEntryFields([task(), other]));
  expect(routed).toMatchObject([
    {
      entryId: "1-0",
      tasks: [
        { stream, task: sentOn(task()), cameUnder: TRACEPARENT, messageId: "1-0/0", target: "agent_messages:qa" },
        { stream, task: sentOn(other), cameUnder: TRACEPARENT, messageId: "1-0/1", target: "agent_messages:qa" },
      ],
    },
  ]);
  expect(deadLetters).toEqual([]);
  const contexts = routed[0]!.tasks.map((each) => each.task.traceparent);
  expect(new Set([...contexts, TRACEPARENT]).size).toBe(3);
});

test("one task that cannot be routed holds up neither its entry nor the others of the batch", () => {
  const { routed, deadLetters } = sort({}, tasksEntryFields([task(), unwanted, task()]), tasksEntryFields([task()]));
  expect(routed.map(({ entryId, tasks }) => [entryId, tasks.length])).toEqual([
    ["2-0", 2],
    ["3-0", 1],
  ]);
  expect(deadLetters).toMatchObject([{ entryId: "1-0" }, { entryId: "2-0", keepsEntry: true }]);
});

test("an entry of which no task can be routed is left without tasks, to be acknowledged after its letters", () => {
  const { routed, deadLetters } = sort(tasksEntryFields([unwanted]));
  expect(routed).toEqual([{ entryId: "1-0", tasks: [] }]);
  expect(deadLetters).toHaveLength(1);
});

test("what nobody can take becomes a dead letter of its task, in its trace", () => {
  const [letter] = sort(tasksEntryFields([task(), unwanted])).deadLetters;
  expect(letter).toMatchObject({
    entryId: "1-0",
    keepsEntry: true,
    agentType: "qa",
    taskKey: TASK_KEY,
    attempt: 2,
    traceparent: sentOn(unwanted).traceparent,
    tracestate: "hive=1",
  });
  expect(letterOf(letter!.payload)).toEqual({
    version: 1,
    reason: "NO_TAKER",
    message: expect.stringMatching(new RegExp(`${TASK_KEY}.*"qa".*"cooking"`)),
    stream: "test:workflow:dispatch",
    entryId: "1-0/1",
    incarnation: "i-1",
    agentId: "router-1",
    fields: { m: taskItemJson(unwanted) },
  });
});

test("a task that does not parse becomes a dead letter without a task, naming the field that is wrong", () => {
  const { routed, deadLetters } = sort(tasksEntryFields([{ ...task(), attempt: 0 }, task()]));
  expect(routed).toMatchObject([{ entryId: "1-0", tasks: [{ task: sentOn(task()) }] }]);
  expect(deadLetters).toMatchObject([{ entryId: "1-0", keepsEntry: true, payload: expect.any(String) }]);
  expect(deadLetters[0]).not.toHaveProperty("taskKey");
  expect(letterOf(deadLetters[0]!.payload)).toMatchObject({
    reason: "UNPARSEABLE",
    entryId: "1-0/0",
    message: expect.stringMatching(/at a\b/),
  });
});

test.each([
  ["no fields of ours", { junk: "1" }],
  ["another version", { ...tasksEntryFields([task()]), v: "2" }],
  ["no list of tasks", { ...tasksEntryFields([task()]), m: '{"k":1}' }],
])("an entry with %s is set aside as a whole, as it was", (_what, fields) => {
  const { routed, deadLetters } = sort(fields);
  expect(routed).toEqual([]);
  expect(deadLetters).toMatchObject([{ entryId: "1-0", payload: expect.any(String) }]);
  expect(deadLetters[0]).not.toHaveProperty("keepsEntry");
  expect(letterOf(deadLetters[0]!.payload)).toMatchObject({ reason: "UNPARSEABLE", entryId: "1-0", fields });
});

test("a dead letter keeps at most 16 KB of each field", () => {
  const [letter] = sort(tasksEntryFields([{ ...unwanted, payload: "x".repeat(100_000) }])).deadLetters;
  expect(letterOf(letter!.payload).fields["m"]).toHaveLength(16_384);
});
