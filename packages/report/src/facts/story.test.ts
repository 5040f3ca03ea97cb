import { demonstration } from "../test-fixtures/demonstration.js";
import { factsOf } from "./facts.js";
import { tellStory } from "./story.js";

const tell = (input = demonstration()): string => tellStory(factsOf(input)).join(" ");

test("a demonstration that went well is told from submission to the last record", () => {
  const story = tell();
  expect(story).toMatch(
    /^The workflow “build-bookshop”, 11 tasks for 4 types of agents, finished \d[\d.]* s after it was submitted\./,
  );
  expect(story).toContain("Meanwhile 4 processes were killed and 1 process was frozen, each while it held work.");
  expect(story).toMatch(
    /All 5 tasks they held ran on another process: after a kill within \d+ ms to \d+ ms and after a freeze within 1\.\d+ s\./,
  );
  expect(story).toContain("One result came late, from a process that had been given up, and was refused.");
  expect(story).toMatch(
    /each of the 11 tasks was recorded exactly once: nothing was lost, and nothing was recorded twice\.$/,
  );
});

test("without acts nothing is said of recoveries", () => {
  const story = tell(demonstration({ faults: [] }));
  expect(story).toContain("No process was struck on purpose.");
  expect(story).not.toContain("ran on another process");
});

test("a task that never ran elsewhere is not glossed over", () => {
  const input = demonstration();
  Object.assign(input.measurement.recoveries[0]!, { runningMs: null, recordedMs: null, recoveredBy: null });
  expect(tell(input)).toContain("Of 5 tasks that they held, 4 ran on another process");
});

test("a lost task and one that was recorded twice are counted", () => {
  const input = demonstration();
  const { tasks, attempts } = input.measurement;
  tasks.find(({ taskId }) => taskId === "ui_tests")!.state = "dead";
  input.measurement.attempts = attempts.filter(({ taskId }) => taskId !== "ui_tests");
  input.measurement.attempts.push(
    attempts.find(({ taskId, outcome }) => taskId === "auth_ui" && outcome === "succeeded")!,
  );
  expect(tell(input)).toMatch(
    /In the end, of 11 tasks, 1 task did not succeed and 1 task was not recorded exactly once\.$/,
  );
});

test("a workflow that failed is said to have failed, and one that runs on to run on", () => {
  const failed = demonstration();
  failed.measurement.workflows[0]!.state = "failed";
  expect(tell(failed)).toContain("ended as failed");
  const running = demonstration();
  Object.assign(running.measurement.workflows[0]!, { state: "running", finishedAtMs: null });
  expect(tell(running)).toContain("had not ended when it was measured");
});

test("workflows beside the demonstrated one are mentioned", () => {
  expect(tell(demonstration({ beside: 3 }))).toContain(
    "3 other workflows ran beside it, and up to 4 tasks ran at the same time.",
  );
});

test("a measurement without the demonstrated workflow says so", () => {
  const input = { ...demonstration(), workflowId: "019ac0de-0000-7000-8000-0000000fffff" };
  expect(tell(input)).toContain("The demonstrated workflow is not part of this measurement.");
});
