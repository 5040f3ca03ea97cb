import { byId, OPTIONS, states, workflow } from "../test-fixtures/workflows.js";
import { fillWindows } from "./fill-windows.js";
import { cancelWorkflow, redispatchLost, releaseDue } from "./interventions.js";
import { recordResults } from "./record-results.js";

const failure = { code: "boom", message: "It broke." };
const started = (lines: string[]) => fillWindows(byId(workflow(lines)), OPTIONS.freeSlotsByType, 1).workflows;

describe("cancelling", () => {
  test("ends the workflow and everything in it that is not done", () => {
    const running = recordResults(
      started(["a", "b", "c: a", "d: c"]),
      [{ workflowId: "w", position: 0, attempt: 1, outcome: { kind: "succeeded" } }],
      { ...OPTIONS, freeSlotsByType: new Map() },
    ).workflows;
    const cancelled = cancelWorkflow(running.get("w")!, 9);
    expect(cancelled.status).toBe("cancelled");
    expect(states(byId(cancelled))).toEqual(["a succeeded 1", "b cancelled 1", "c cancelled 0", "d cancelled 0"]);
    expect(cancelled.counters).toEqual({ total: 4, succeeded: 1, failed: 0, cancelled: 3, dead: 0, live: 0 });
  });

  test("is refused once the workflow has ended", () => {
    const cancelled = cancelWorkflow(workflow(["a"]), 9);
    expect(() => cancelWorkflow(cancelled, 9)).toThrow(
      'Workflow "w" is cancelled; only a running one becomes cancelled.',
    );
  });
});

test("delayed tasks are ready when their time has come, and not before", () => {
  const outcome = { kind: "failed", failure, retryable: true } as const;
  const result = { workflowId: "w", position: 0, attempt: 1, outcome };
  const { workflows } = recordResults(started(["a"]), [result], OPTIONS);
  expect(workflows.get("w")!.tasks[0]).toMatchObject({ status: "delayed", dueAt: 1_500 });
  expect(states(releaseDue(workflows, 1_499))).toEqual(["a delayed 1"]);
  expect(states(releaseDue(workflows, 1_500))).toEqual(["a ready 1"]);
});

test("after a loss of Redis every task dispatched before gets its next attempt, uncharged, and the old one is fenced", () => {
  const before = started(["a", "b", "c: a"]);
  const { workflows, dispatched } = redispatchLost(before, { began: 2, now: 3 });
  expect(states(workflows)).toEqual(["a dispatched 2", "b dispatched 2", "c waiting 0"]);
  expect(workflows.get("w")!.tasks.map(({ charged }) => charged)).toEqual([0, 0, 0]);
  expect(dispatched.map(({ taskId, attempt }) => [taskId, attempt])).toEqual([
    ["a", 2],
    ["b", 2],
  ]);
  expect(redispatchLost(workflows, { began: 2, now: 4 }).dispatched).toEqual([]);
  const late = { workflowId: "w", position: 0, attempt: 1, outcome: { kind: "succeeded" } } as const;
  expect(recordResults(workflows, [late], OPTIONS).verdicts).toEqual(["fenced"]);
});

test("lost tasks come in pages, in the order of workflows and positions", () => {
  const options = { began: 2, now: 3, limit: 2 };
  const first = redispatchLost(started(["a", "b", "c"]), options);
  expect(first.dispatched.map(({ taskId }) => taskId)).toEqual(["a", "b"]);
  const second = redispatchLost(first.workflows, { ...options, after: first.next });
  expect(second.dispatched.map(({ taskId }) => taskId)).toEqual(["c"]);
  expect(second.next).toBeNull();
});
