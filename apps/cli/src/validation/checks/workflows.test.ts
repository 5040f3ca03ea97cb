import { judgeWorkflow, type EndedWorkflow } from "./workflows.js";

const workflow: EndedWorkflow["workflow"] = {
  id: "w",
  state: "succeeded",
  createdAt: "2026-01-01T00:00:00.000Z",
  finishedAt: "2026-01-01T00:00:00.045Z",
  failure: null,
};
const tasks: EndedWorkflow["tasks"] = [
  { id: "first", state: "succeeded" },
  { id: "last", state: "succeeded" },
];
const recorded = (...taskIds: string[]): EndedWorkflow["attempts"] =>
  taskIds.map((taskId) => ({ taskId, outcome: "succeeded" }));

test("a workflow whose tasks are all recorded once holds, and tells how long it took", () => {
  expect(judgeWorkflow({ workflow, tasks, attempts: recorded("first", "last") })).toMatchObject({
    state: "held",
    found: "succeeded, 2 tasks recorded once, in 45 ms",
    figures: [{ value: 45, unit: "ms" }],
  });
});

test("a lost delivery before the recorded attempt takes nothing from it", () => {
  const attempts = [...recorded("first", "last"), { taskId: "last", outcome: "crashed" as const }];
  expect(judgeWorkflow({ workflow, tasks, attempts }).state).toBe("held");
});

test.each([
  ["twice", recorded("first", "last", "last"), "task last is succeeded, recorded 2 times"],
  ["never", recorded("first"), "task last is succeeded, recorded 0 times"],
])("a task that was recorded %s fails the check, though the workflow succeeded", (_, attempts, found) => {
  expect(judgeWorkflow({ workflow, tasks, attempts })).toMatchObject({
    state: "failed",
    found: expect.stringContaining(found),
    remedy: expect.stringContaining("/v1/workflows/w/attempts"),
  });
});

test("a workflow that failed tells the task and its error", () => {
  const failure = { taskId: "first", error: { code: "UNKNOWN_HANDLER", message: "no such handler" } };
  const ended = { ...workflow, state: "failed" as const, failure: failure };
  expect(judgeWorkflow({ workflow: ended, tasks, attempts: recorded("first", "last") })).toMatchObject({
    state: "failed",
    found: expect.stringContaining("failed: first: no such handler"),
  });
});
