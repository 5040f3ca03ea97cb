import { byId, states, workflow } from "../test-fixtures/workflows.js";
import { fillWindows } from "./fill-windows.js";

const room = (slots: Record<string, number>) => new Map(Object.entries(slots));

test("a new workflow has its first tasks ready, and dispatches them at attempt 1", () => {
  const start = byId(workflow(["a", "b", "join: a b"]));
  expect(states(start)).toEqual(["a ready 0", "b ready 0", "join waiting 0"]);
  const { workflows, dispatched } = fillWindows(start, room({ qa: 9 }), 5);
  expect(states(workflows)).toEqual(["a dispatched 1", "b dispatched 1", "join waiting 0"]);
  expect(dispatched).toEqual([
    { workflowId: "w", position: 0, taskId: "a", agentType: "qa", attempt: 1 },
    { workflowId: "w", position: 1, taskId: "b", agentType: "qa", attempt: 1 },
  ]);
  expect(workflows.get("w")!.tasks.map(({ dispatchedAt }) => dispatchedAt)).toEqual([5, 5, null]);
  expect(states(start)).toEqual(["a ready 0", "b ready 0", "join waiting 0"]);
});

test("priority goes first, then the longest remaining path, then workflow and position", () => {
  const workflows = byId(
    workflow(["short", "long", "after: long"], { id: "b" }),
    workflow(["other", "same"], { id: "a" }),
    workflow(["urgent"], { id: "c", priority: 9 }),
  );
  const order = fillWindows(workflows, room({ qa: 9 }), 5).dispatched.map(({ taskId }) => taskId);
  expect(order).toEqual(["urgent", "long", "other", "same", "short"]);
});

test("each agent type has its own room, and what finds none stays ready", () => {
  const start = byId(workflow(["q1", "q2", "b1@backend", "f1@frontend"]));
  const { workflows } = fillWindows(start, room({ qa: 1, backend: 5, frontend: 0 }), 5);
  expect(states(workflows)).toEqual(["q1 dispatched 1", "q2 ready 0", "b1 dispatched 1", "f1 ready 0"]);
});

test("a type without any figure has no room", () => {
  expect(fillWindows(byId(workflow(["a"])), new Map(), 5).dispatched).toEqual([]);
});
