/** What is measured, against slower and plainer ways to say the same, on runs of any shape. */
import fc from "fast-check";
import { measure } from "./measure.js";
import { measurementSchema, type Measurement } from "./measurement.js";
import { soundRun, type RunSketch } from "./test-fixtures/sound-run.js";
import { loadTargets } from "./targets.js";

const sketches: fc.Arbitrary<RunSketch> = fc.record({
  seed: fc.integer(),
  workflows: fc.integer({ min: 0, max: 6 }),
  tasks: fc.integer({ min: 1, max: 12 }),
});
const targets = loadTargets();

/** @param say gets the measurement and the records of a run. */
function always(say: (measured: Measurement, records: ReturnType<typeof soundRun>) => void): void {
  fc.assert(
    fc.property(sketches, (sketch) => {
      const records = soundRun(sketch);
      say(measure(records, targets), records);
    }),
  );
}

test("a measurement is what the schema says", () => {
  always((measured) => void measurementSchema.parse(measured));
});

test("of a workflow that succeeded, the critical tasks are a chain of dependencies from a first task to its end", () => {
  always(({ workflows, tasks }) => {
    for (const { id, state, finishedAtMs, createdAtMs } of workflows) {
      const chain = tasks.filter(({ workflowId, isCritical }) => workflowId === id && isCritical);
      chain.sort((left, right) => left.finishedAtMs! - right.finishedAtMs!);
      if (state !== "succeeded") expect(chain).toEqual([]);
      else {
        expect(chain.at(-1)!.finishedAtMs).toBe(finishedAtMs);
        expect(chain[0]).toMatchObject({ dependsOn: [], readyAtMs: createdAtMs });
      }
      for (const [index, task] of chain.slice(1).entries()) {
        expect(task.dependsOn).toContain(chain[index]!.taskId);
        expect(task.readyAtMs).toBe(chain[index]!.finishedAtMs);
      }
    }
  });
});

test("the series holds every recorded success once, and what is in flight at the end", () => {
  always(({ throughput, attempts, tasks, window }) => {
    const stepMs = (index: number) =>
      throughput.series[index]!.atMs - (throughput.series[index - 1]?.atMs ?? window.fromMs);
    const counted = throughput.series.reduce(
      (sum, { recordedPerSecond }, index) => sum + (recordedPerSecond * stepMs(index)) / 1000,
      0,
    );
    expect(Math.round(counted)).toBe(attempts.filter(({ outcome }) => outcome === "succeeded").length);
    const underWay = tasks.filter(({ state }) => state === "dispatched").length;
    expect(throughput.series.at(-1)?.inFlight ?? 0).toBe(underWay);
  });
});

test("each crash is followed part by part, in the order in which they happen", () => {
  always(({ recoveries, acts, recoveryMs }) => {
    expect(recoveries).toHaveLength(acts.length);
    for (const { noticedMs, runningMs, recordedMs } of recoveries) {
      expect(noticedMs).toBeCloseTo(20, 2);
      if (runningMs !== null) expect(runningMs).toBeGreaterThanOrEqual(noticedMs!);
      if (runningMs !== null && recordedMs !== null) expect(recordedMs).toBeGreaterThan(runningMs);
    }
    expect(recoveryMs.crash.count).toBe(recoveries.filter(({ runningMs }) => runningMs !== null).length);
    expect(recoveryMs.freeze.count).toBe(0);
  });
});

test("the shares of a group's consumers make one whole, if it recorded anything", () => {
  always(({ groups, attempts }) => {
    for (const { agentType, consumers } of groups) {
      const own = attempts.filter((run) => run.agentType === agentType && run.incarnation && run.outcome !== "crashed");
      const recorded = consumers.reduce((sum, consumer) => sum + consumer.recorded, 0);
      expect(recorded).toBe(own.length);
      const shares = consumers.reduce((sum, { share }) => sum + share, 0);
      expect(shares).toBeCloseTo(own.length > 0 ? 1 : 0);
    }
  });
});
