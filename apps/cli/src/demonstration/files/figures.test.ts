/** The figures of the files are those of the measurement, or can be counted again from its rows. */
import fc from "fast-check";
import { demonstrated } from "@agent-hive/measurement/test-fixtures";
import { groupsFile } from "./consumer-group-metrics.js";
import { resultsFile } from "./demonstration-results.js";
import type { DemonstrationOutcome } from "./outcome.js";
import { analysisFile } from "./performance-analysis.js";
import { summaryFile } from "./phase2-summary.js";
import { readableJson } from "./readable-json.js";
import { passed, someOutcome } from "./test-fixtures/outcome.js";

const measuredOutcome = someOutcome().filter(({ measurement }) => measurement !== null);

function always(
  holds: (outcome: DemonstrationOutcome, measurement: NonNullable<DemonstrationOutcome["measurement"]>) => void,
) {
  fc.assert(
    fc.property(measuredOutcome, (outcome) => holds(outcome, outcome.measurement!)),
    { numRuns: 100 },
  );
}

test("the analysis shows what was measured, and nothing else", () => {
  always((outcome, measurement) => {
    const { version: _, reason: __, load, ...figures } = analysisFile.make(outcome);
    expect(load).toBe(outcome.performance);
    expect(measurement).toMatchObject(figures);
  });
});

test("the summary's recovery times, rates and targets are those of the measurement", () => {
  always((outcome, measurement) => {
    const { figures, targets } = summaryFile.make(outcome);
    const { p50, p99, max } = measurement.recoveryMs.crash;
    expect(figures!.crash).toMatchObject({ p50Ms: p50, p99Ms: p99, maxMs: max, acts: measurement.acts.length });
    expect(figures!.messagesPerSecond).toBe(measurement.throughput.messagesPerSecond);
    expect(figures!.workflowsSucceeded).toBe(measurement.completion.succeeded);
    const all = [...targets.met, ...targets.missed, ...targets.notMeasured].map(({ id }) => id).sort();
    expect(all).toEqual(measurement.targets.map(({ id }) => id).sort());
  });
});

test("in a sound run every task that succeeded was recorded once", () => {
  always((outcome, { tasks }) => {
    const succeeded = tasks.filter(({ state }) => state === "succeeded").length;
    expect(summaryFile.make(outcome).figures!.tasksRecordedOnce).toBe(succeeded);
  });
});

test("a task that is recorded twice, or not at all, is not counted as recorded once", () => {
  const measurement = demonstrated();
  const isFirst = (attempt: { taskId: string }) => attempt.taskId === "system_design";
  const doubled = { ...measurement, attempts: [...measurement.attempts, measurement.attempts.find(isFirst)!] };
  const lost = { ...measurement, attempts: measurement.attempts.filter((attempt) => !isFirst(attempt)) };
  expect(summaryFile.make(passed()).figures).toMatchObject({ tasks: 11, tasksRecordedOnce: 11 });
  expect(summaryFile.make(passed({ measurement: doubled })).figures!.tasksRecordedOnce).toBe(10);
  expect(summaryFile.make(passed({ measurement: lost })).figures!.tasksRecordedOnce).toBe(10);
});

test("the summary fits on a screen", () => {
  expect(readableJson(summaryFile.make(passed())).split("\n").length).toBeLessThanOrEqual(55);
});

test("memory is told by service, the process that has most", () => {
  const { memoryPeakBytes } = summaryFile.make(passed()).figures!;
  const agents = demonstrated().processes.filter(({ service }) => service === "agent-backend");
  expect(memoryPeakBytes["agent-backend"]).toBe(Math.max(...agents.map(({ rssPeakBytes }) => rssPeakBytes)));
  expect(agents).toHaveLength(2);
});

test("the results are of the demonstrated workflow, not of those beside it", () => {
  const measurement = demonstrated({ beside: 3 });
  const results = resultsFile.make(passed({ measurement }));
  const { finishedAtMs, createdAtMs, id } = measurement.workflows[0]!;
  expect(results.makespanMs).toBe(finishedAtMs! - createdAtMs);
  expect(results.tasks).toHaveLength(11);
  expect(new Set([...results.attempts, ...results.recoveries].map(({ workflowId }) => workflowId))).toEqual(
    new Set([id]),
  );
  expect(results.refusedResults).toBe(1);
});

test("the figures of a group add up from its consumers, and all of the window was with some group", () => {
  always((outcome, { window, attempts, recoveries }) => {
    const { groups } = groupsFile.make(outcome);
    const total = (of: "recorded" | "deliveriesLost") => groups.reduce((sum, group) => sum + group[of], 0);
    const inWindow = attempts.filter(
      ({ recordedAtMs, incarnation }) => incarnation !== null && recordedAtMs <= window.toMs,
    );
    const rows = (...outcomes: string[]) => inWindow.filter((row) => outcomes.includes(row.outcome));
    expect(total("recorded")).toBe(rows("succeeded", "failed").length);
    expect(total("deliveriesLost")).toBe(rows("crashed").length);
    expect(groups.flatMap((group) => group.recoveries)).toHaveLength(recoveries.length);
  });
});
