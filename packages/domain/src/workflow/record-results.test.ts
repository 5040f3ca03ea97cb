import { byId, OPTIONS, states, workflow, type WorkflowSketch } from "../test-fixtures/workflows.js";
import { fillWindows } from "./fill-windows.js";
import { cancelWorkflow, releaseDue } from "./interventions.js";
import { type Outcome, recordResults, type TaskResult } from "./record-results.js";
import type { Workflows } from "./workflow.js";

const failure = { code: "boom", message: "It broke." };
const succeeded: Outcome = { kind: "succeeded", output: "done" };
const failed: Outcome = { kind: "failed", failure, retryable: true };
const fatal: Outcome = { kind: "failed", failure, retryable: false };
const timedOut: Outcome = { kind: "timed-out", failure };
const deadLetter: Outcome = { kind: "dead-letter", failure };

/** Everything without dependencies is dispatched. */
function started(lines: string[], sketch: WorkflowSketch = {}): Workflows {
  return fillWindows(byId(workflow(lines, sketch)), OPTIONS.freeSlotsByType, 1).workflows;
}
function result(position: number, outcome: Outcome, attempt = 1): TaskResult {
  return { workflowId: "w", position, attempt, outcome };
}
function record(workflows: Workflows, ...results: TaskResult[]) {
  return recordResults(workflows, results, OPTIONS);
}

describe("a success", () => {
  test("is kept, and its successors run once their last dependency is recorded", () => {
    const first = record(started(["a", "b", "join: a b"]), result(0, succeeded));
    expect(states(first.workflows)).toEqual(["a succeeded 1", "b dispatched 1", "join waiting 0"]);
    expect(first.dispatched).toEqual([]);
    const second = record(first.workflows, result(1, succeeded));
    expect(states(second.workflows)).toEqual(["a succeeded 1", "b succeeded 1", "join dispatched 1"]);
    expect(second.dispatched).toEqual([{ workflowId: "w", position: 2, taskId: "join", agentType: "qa", attempt: 1 }]);
    expect(second.workflows.get("w")!.tasks[0]).toMatchObject({ output: "done" });
  });

  test("of both parents of a join in one batch readies it once", () => {
    const { workflows, dispatched } = record(
      started(["a", "b", "join: a b"]),
      result(0, succeeded),
      result(1, succeeded),
    );
    expect(states(workflows)).toEqual(["a succeeded 1", "b succeeded 1", "join dispatched 1"]);
    expect(dispatched).toHaveLength(1);
  });

  test("of the last task completes the workflow", () => {
    const { workflows } = record(started(["a"]), result(0, succeeded));
    expect(workflows.get("w")).toMatchObject({ status: "succeeded", counters: { total: 1, succeeded: 1, live: 0 } });
  });
});

describe("a failure", () => {
  test.each([
    ["failed", failed],
    ["timed out", timedOut],
  ])("that may pass (%s) is tried again after a growing wait, until the attempts are used up", (_, outcome) => {
    let workflows = started(["a", "b", "c: a"]);
    const seen = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      ({ workflows } = record(workflows, result(0, outcome, attempt)));
      seen.push(workflows.get("w")!.tasks[0]);
      workflows = fillWindows(releaseDue(workflows, Infinity), OPTIONS.freeSlotsByType, 1).workflows;
    }
    expect(seen).toMatchObject([
      { id: "a", status: "delayed", attempt: 1, charged: 1, failure, dueAt: 1_500 },
      { id: "a", status: "delayed", attempt: 2, charged: 2, failure, dueAt: 2_000 },
      { id: "a", status: "failed", attempt: 3, charged: 3, failure, finishedAt: 1_000 },
    ]);
    expect(workflows.get("w")!.status).toBe("failed");
    expect(states(workflows)).toEqual(["a failed 3", "b cancelled 1", "c cancelled 0"]);
  });

  test("that asks for a later time gets it", () => {
    const { workflows } = record(started(["a"]), result(0, { ...failed, retryAfterMs: 9_000 }));
    expect(workflows.get("w")!.tasks[0]).toMatchObject({ status: "delayed", dueAt: 10_000 });
  });

  test.each([
    ["no retry can mend", fatal, "a failed 1", { failed: 1, dead: 0 }],
    ["makes a dead letter", deadLetter, "a dead 1", { failed: 0, dead: 1 }],
  ])("that %s fails the workflow and cancels the rest", (_, outcome, expected, counted) => {
    const { workflows, dispatched } = record(started(["a", "b", "c: b"]), result(0, outcome));
    expect(states(workflows)).toEqual([expected, "b cancelled 1", "c cancelled 0"]);
    expect(workflows.get("w")).toMatchObject({
      status: "failed",
      counters: { total: 3, succeeded: 0, cancelled: 2, live: 0, ...counted },
    });
    expect(dispatched).toEqual([]);
  });

  test("with one attempt allowed is final", () => {
    const { workflows } = record(started(["a"], { retry: { maxAttempts: 1 } }), result(0, failed));
    expect(states(workflows)).toEqual(["a failed 1"]);
  });

  test("does not take back what succeeds in the same batch, in either order", () => {
    const before = started(["a", "b", "c: a"]);
    const forwards = record(before, result(0, succeeded), result(1, fatal));
    const backwards = record(before, result(1, fatal), result(0, succeeded));
    expect(states(forwards.workflows)).toEqual(["a succeeded 1", "b failed 1", "c cancelled 0"]);
    expect(states(backwards.workflows)).toEqual(states(forwards.workflows));
    expect(backwards.workflows.get("w")!.counters).toEqual(forwards.workflows.get("w")!.counters);
  });
});

describe("verdicts", () => {
  const before = started(["a", "b: a"]);
  const done = record(before, result(0, succeeded)).workflows;
  const delayed = record(before, result(0, failed)).workflows;
  const retried = fillWindows(releaseDue(delayed, Infinity), OPTIONS.freeSlotsByType, 1).workflows;
  const cancelled = byId(cancelWorkflow(before.get("w")!, 9));

  test.each([
    ["the current attempt of a dispatched task", before, result(0, succeeded), "applied"],
    ["a result recorded before", done, result(0, succeeded), "duplicate"],
    ["another outcome for the attempt recorded before", done, result(0, fatal), "duplicate"],
    ["an attempt that failed and waits for its retry", delayed, result(0, succeeded), "duplicate"],
    ["an attempt superseded by the next", retried, result(0, succeeded), "fenced"],
    ["an attempt never granted", before, result(0, succeeded, 2), "fenced"],
    ["a task that has not started", before, result(1, succeeded), "fenced"],
    ["an attempt cancelled while it ran", cancelled, result(0, succeeded), "cancelled"],
    ["a position outside of the workflow", before, result(2, succeeded), "unknown"],
    ["a workflow nobody knows", before, { ...result(0, succeeded), workflowId: "x" }, "unknown"],
  ])("%s: %#", (_, workflows, given, verdict) => {
    const after = recordResults(workflows, [given], { ...OPTIONS, freeSlotsByType: new Map() });
    expect(after.verdicts).toEqual([verdict]);
    if (verdict !== "applied") expect(states(after.workflows)).toEqual(states(workflows));
  });

  test("of two results for one attempt in a batch the first applies", () => {
    const { verdicts, workflows } = record(before, result(0, succeeded), result(0, fatal), result(0, succeeded));
    expect(verdicts).toEqual(["applied", "duplicate", "duplicate"]);
    expect(states(workflows)).toEqual(["a succeeded 1", "b dispatched 1"]);
  });

  test("a batch that comes again changes nothing and names what may not have been published", () => {
    const again = record(done, result(0, succeeded));
    expect(again.workflows).toEqual(done);
    expect(again.dispatched).toEqual([]);
    expect(again.republished).toEqual([{ workflowId: "w", position: 1, taskId: "b", agentType: "qa", attempt: 1 }]);
  });
});

test("recording refills the windows from every workflow, most urgent first", () => {
  const workflows = new Map([
    ...started(["a", "b: a"]),
    ...byId(workflow(["urgent"], { id: "u", priority: 9 }), workflow(["idle"], { id: "i", priority: 1 })),
  ]);
  const { dispatched } = recordResults(workflows, [result(0, succeeded)], {
    ...OPTIONS,
    freeSlotsByType: new Map([["qa", 2]]),
  });
  expect(dispatched.map(({ taskId }) => taskId)).toEqual(["urgent", "b"]);
});
