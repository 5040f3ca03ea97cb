import fc from "fast-check";
import { OPTIONS } from "../test-fixtures/workflows.js";
import { hiveAfter, someEvents, someOutcomes, someWorkflows } from "../test-fixtures/simulated-hive.js";
import { recordResults, type TaskResult } from "./record-results.js";

test("through any events tasks are conserved (I8), recorded once (I2), fenced (I3) and in order (I4)", () => {
  fc.assert(
    fc.property(someWorkflows, someEvents, (workflows, events) => {
      hiveAfter(workflows, events); // checks itself after every event
    }),
    { numRuns: 1_000 },
  );
});

test("after any events, every workflow ends once results keep coming, in whatever order (I1, I10)", () => {
  fc.assert(
    fc.property(
      someWorkflows,
      someEvents,
      someOutcomes,
      fc.infiniteStream(fc.nat()),
      (workflows, events, outcomes, picks) => {
        const hive = hiveAfter(workflows, events);
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
      },
    ),
    { numRuns: 500 },
  );
});

test("results for different tasks may come in any order within a batch", () => {
  fc.assert(
    fc.property(someWorkflows, someEvents, someOutcomes, fc.nat(), (workflows, events, outcomes, turn) => {
      const hive = hiveAfter(workflows, events);
      const batch = hive.dispatched().map((task, index): TaskResult => {
        return { ...task, outcome: outcomes[index] ?? { kind: "succeeded" } };
      });
      const at = batch.length === 0 ? 0 : turn % batch.length;
      const turned = [...batch.slice(at), ...batch.slice(0, at)].toReversed();
      const straight = recordResults(hive.workflows, batch, OPTIONS);
      const shuffled = recordResults(hive.workflows, turned, OPTIONS);
      expect(shuffled.workflows).toEqual(straight.workflows);
      expect(shuffled.dispatched).toEqual(straight.dispatched);
    }),
    { numRuns: 300 },
  );
});

test("a batch recorded twice changes nothing the second time", () => {
  fc.assert(
    fc.property(someWorkflows, someEvents, someOutcomes, (workflows, events, outcomes) => {
      const hive = hiveAfter(workflows, events);
      const batch = hive.dispatched().map((task, index): TaskResult => {
        return { ...task, outcome: outcomes[index] ?? { kind: "succeeded" } };
      });
      const noRoom = { ...OPTIONS, freeSlotsByType: new Map() };
      const once = recordResults(hive.workflows, batch, OPTIONS);
      const twice = recordResults(once.workflows, batch, noRoom);
      expect(twice.verdicts).not.toContain("applied");
      expect(twice.workflows).toEqual(once.workflows);
    }),
    { numRuns: 300 },
  );
});
