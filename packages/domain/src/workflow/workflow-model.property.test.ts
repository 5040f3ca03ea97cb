import fc from "fast-check";
import { hiveAfter } from "../test-fixtures/checked-hive.js";
import { someOutcomes, someScenario } from "../test-fixtures/some-scenario.js";
import { OPTIONS } from "../test-fixtures/workflows.js";
import { changesBetween } from "./changes-between.js";
import { type Batch, recordBatch, statisticsOf } from "./hive.js";
import { recordResults, type TaskResult } from "./record-results.js";

const LENGTH = { minLength: 4, maxLength: 24 };
/** Of the whole campaign: more on demand, e.g. `MODEL_CASES=1000000`. */
const CASES = Number(process.env.MODEL_CASES ?? 10_000);

test(`through any events tasks are conserved (I8), recorded once (I2), fenced (I3) and in order (I4), in ${CASES} cases`, () => {
  fc.assert(
    fc.property(someScenario(LENGTH), (events) => {
      hiveAfter(events); // checks itself after every event
    }),
    { numRuns: CASES },
  );
}, 3_600_000);

test("after any events, every workflow ends once results keep coming, in whatever order (I1, I10)", () => {
  fc.assert(
    fc.property(someScenario(LENGTH), someOutcomes, fc.infiniteStream(fc.nat()), (events, outcomes, picks) => {
      const hive = hiveAfter(events);
      const taskCount = [...hive.workflows.values()].reduce((sum, workflow) => sum + workflow.tasks.length, 0);
      // Every round records one result: as many rounds as there are drawn outcomes, then one success for each task.
      const rounds = outcomes.length + taskCount;
      for (let round = 0; !hive.isFinished; round++) {
        hive.releaseAll();
        hive.fill(1);
        const candidates = hive.dispatched();
        expect({ someTaskRuns: candidates.length > 0, inTime: round < rounds }).toEqual({
          someTaskRuns: true,
          inTime: true,
        });
        const chosen = candidates[picks.next().value % candidates.length]!;
        hive.record([{ ...chosen, outcome: outcomes[round] ?? { kind: "succeeded" } }], 0);
      }
      expect(statisticsOf(hive.state).tasks).toMatchObject({ total: taskCount, live: 0 });
    }),
    { numRuns: 500 },
  );
});

/** A result for everything that is dispatched, with the outcomes given, then successes. */
function resultsFor(hive: ReturnType<typeof hiveAfter>, outcomes: readonly TaskResult["outcome"][]): TaskResult[] {
  return hive.dispatched().map((task, index) => ({ ...task, outcome: outcomes[index] ?? { kind: "succeeded" } }));
}

test("results for different tasks may come in any order within a batch", () => {
  fc.assert(
    fc.property(someScenario(LENGTH), someOutcomes, fc.nat(), (events, outcomes, turn) => {
      const hive = hiveAfter(events);
      const batch = resultsFor(hive, outcomes);
      const at = batch.length === 0 ? 0 : turn % batch.length;
      const turned = [...batch.slice(at), ...batch.slice(0, at)].toReversed();
      const straight = recordResults(hive.workflows, batch, OPTIONS);
      const shuffled = recordResults(hive.workflows, turned, OPTIONS);
      expect(changesBetween(hive.workflows, shuffled.workflows)).toEqual(
        changesBetween(hive.workflows, straight.workflows),
      );
      expect(shuffled.dispatched).toEqual(straight.dispatched);
      for (const [id, { tasks }] of straight.workflows) expect(shuffled.workflows.get(id)!.tasks).toEqual(tasks);
    }),
    { numRuns: 300 },
  );
});

test("a batch recorded twice changes nothing the second time (I2)", () => {
  const noRoom = { ...OPTIONS, freeSlotsByType: new Map() };
  fc.assert(
    fc.property(someScenario(LENGTH), someOutcomes, fc.boolean(), (events, outcomes, alone) => {
      const hive = hiveAfter(events);
      const results = resultsFor(hive, outcomes);
      const lost = { entryId: "1-0", stream: "s", incarnation: "i", alone, charged: true, startedAt: null };
      const batch: Batch = {
        results,
        crashes: results.map((task) => ({ ...task, ...lost })),
        checkpoints: results.map((task) => ({ ...task, sequence: 1, data: "half" })),
      };
      const once = recordBatch(hive.state, batch, noRoom);
      const twice = recordBatch(once.hive, batch, noRoom);
      expect(twice.verdicts).not.toContain("applied");
      expect(twice.hive).toEqual(once.hive);
    }),
    { numRuns: 300 },
  );
});
