import { parsePayload, parseTaskItem, taskItemJson, taskPayloadSchema } from "@agent-hive/contracts";
import type { DispatchedTask } from "@agent-hive/persistence";
import { taskEntryOf } from "./task-message.js";

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const task = (more: Partial<DispatchedTask> = {}): DispatchedTask => ({
  workflowId: "01a20922-1fa8-70c4-9ed9-4d9278452d8e",
  position: 3,
  agentType: "backend",
  attempt: 2,
  workflowName: 'a "name"',
  taskId: "t",
  handler: "h",
  requires: ["gpu"],
  input: '{"a":1}',
  workflowInput: "[2]",
  timeoutMs: 1000,
  crashes: 1,
  crashesAlone: 0,
  checkpoint: null,
  traceparent,
  ...more,
});

test("a message is read back by the contract, with inputs put in as they are", () => {
  const entry = parseTaskItem(JSON.parse(taskItemJson(taskEntryOf(task()))));
  expect(entry).toMatchObject({ ok: true, value: { attempt: 2, capabilities: ["h", "gpu"] } });
  const payload = parsePayload(taskPayloadSchema, taskEntryOf(task()).payload);
  expect(payload).toEqual({
    ok: true,
    value: {
      workflowName: 'a "name"',
      taskId: "t",
      handler: "h",
      timeoutMs: 1000,
      input: { a: 1 },
      workflowInput: [2],
      crashes: 1,
      crashesAlone: 0,
    },
  });
});

test("without inputs, checkpoint and crashes it is valid too", () => {
  const payload = parsePayload(
    taskPayloadSchema,
    taskEntryOf(task({ input: null, workflowInput: null, crashes: 0 })).payload,
  );
  expect(payload).toEqual({
    ok: true,
    value: { workflowName: 'a "name"', taskId: "t", handler: "h", timeoutMs: 1000, crashes: 0, crashesAlone: 0 },
  });
});

test("a checkpoint of an earlier attempt goes with it", () => {
  const payload = parsePayload(taskPayloadSchema, taskEntryOf(task({ checkpoint: '{"at":9}' })).payload);
  expect(payload).toMatchObject({ ok: true, value: { checkpoint: { at: 9 } } });
});

test("each message has a span of its own in the workflow's trace", () => {
  const messages = [task(), task({ attempt: 3 }), task({ position: 4 })].map((each) => taskEntryOf(each).traceparent);
  messages.push(taskEntryOf(task(), true).traceparent);
  expect(new Set([...messages, traceparent]).size).toBe(5);
  for (const message of messages) expect(message.slice(0, 36)).toBe(traceparent.slice(0, 36));
  expect(taskEntryOf(task()).traceparent).toBe(messages[0]);
});
