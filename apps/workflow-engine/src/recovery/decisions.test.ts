import { uuidv7 } from "uuidv7";
import { taskKeyOf, type TaskState } from "@agent-hive/contracts";
import { decideEpoch } from "./decide-epoch.js";
import { decideOverdue, type OverdueEvidence } from "./decide-overdue.js";
import { decideDrops, decideRepublish } from "./decide-sweep.js";
import { decideFill } from "./timer-pump.js";

test.each([
  [true, "5", "same"],
  [true, "4", "advance"],
  [true, null, "advance"],
  [true, "6", "advance"],
  [true, "not ours", "advance"],
  [false, "5", "same"],
  [false, "4", "write"],
  [false, null, "write"],
] as const)("PostgreSQL at epoch 5, written: %s, and Redis at %s: %s", (isWritten, redis, decision) => {
  expect(decideEpoch({ epoch: 5n, isWritten }, redis)).toBe(decision);
});

describe("a field of the in-flight index", () => {
  const taskKey = taskKeyOf(uuidv7(), 0);
  const dropped = (value: string, standing?: { state: TaskState; attempt: number }) =>
    decideDrops([{ taskKey, value }], new Map(standing ? [[taskKey, standing]] : [])).length === 1;

  test.each([
    ["of a task at work stays", "2", "dispatched", 2, false],
    ["whose result waits stays", "2:done", "dispatched", 2, false],
    ["of a superseded attempt goes", "1", "dispatched", 2, true],
    ["of a task that has ended goes", "2:done", "succeeded", 2, true],
    ["of a task that waits for its next try goes", "1", "delayed", 1, true],
    ["of an attempt that is still to come goes", "9", "dispatched", 1, true],
    ["that is no attempt goes", "x", "dispatched", 1, true],
  ] as const)("%s", (_what, value, state, attempt, goes) => {
    expect(dropped(value, { state, attempt })).toBe(goes);
  });

  test("of an unknown task goes", () => expect(dropped("1")).toBe(true));
});

test("dispatched tasks are published again if the index lacks them at their attempt", () => {
  const tasks = [1, 2, 3, 4].map((attempt) => ({ attempt, key: attempt }));
  const index = new Map([
    [2, "1"],
    [3, "3"],
    [4, "4:done"],
  ]);
  expect(decideRepublish(tasks, (task) => index.get(task.key)).map((task) => task.attempt)).toEqual([1, 2]);
});

describe("the back-up timeout", () => {
  const held = (elapsedMs: number, attempt = 1) => ({
    entryId: "1-0",
    taskKey: "k",
    attempt,
    elapsedMs,
    timeoutMs: 100,
  });
  const evidence = (more: Partial<OverdueEvidence>): OverdueEvidence => ({
    attempt: 1,
    graceMs: 50,
    indexed: "1",
    held: undefined,
    waiting: 0,
    results: 0,
    ...more,
  });

  test.each<[string, Partial<OverdueEvidence>, boolean]>([
    ["fires when nobody holds it and nothing waits", {}, true],
    ["fires when its holder is beyond the timeout and the grace", { held: held(151) }, true],
    ["waits for a holder within its time", { held: held(149) }, false],
    ["waits while it may be one of those that queue", { waiting: 1 }, false],
    ["waits for a result that is on its way", { indexed: "1:done", results: 1 }, false],
    ["fires when a result was handed over and none is there any more", { indexed: "1:done" }, true],
    ["leaves to the sweeper what the index does not know", { indexed: undefined }, false],
    ["leaves to the sweeper what the index has at an older attempt", { attempt: 2 }, false],
    ["takes no notice of who holds an older attempt", { attempt: 2, indexed: "2", held: held(1) }, true],
  ])("%s", (_what, more, fires) => {
    expect(decideOverdue(evidence(more))).toBe(fires);
  });
});

test.each([
  [{ released: 0, hadMore: false, sinceFilledMs: 100 }, false],
  [{ released: 1, hadMore: false, sinceFilledMs: 100 }, true],
  [{ released: 0, hadMore: true, sinceFilledMs: 100 }, true],
  [{ released: 0, hadMore: false, sinceFilledMs: 1000 }, true],
])("windows are filled after %j: %p", (seen, fills) => {
  expect(decideFill(seen)).toBe(fills);
});
