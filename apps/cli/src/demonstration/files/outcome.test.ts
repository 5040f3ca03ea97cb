import { demonstrated } from "@agent-hive/measurement/test-fixtures";
import { reasonOf, verdictOf, type DemonstrationOutcome } from "./outcome.js";
import { interrupted, passed } from "./test-fixtures/outcome.js";

const phase = { title: "Agent crisis", ms: 1, told: "", error: "Not done within 60 s." };

/** It was stopped while the workflow was running. */
function unfinished(): DemonstrationOutcome {
  const measurement = demonstrated();
  const workflows = [{ ...measurement.workflows[0]!, id: "1", finishedAtMs: null }];
  return passed({ measurement: { ...measurement, workflows }, workflowId: "1", phases: [phase], interrupted: true });
}

test("a run passed if all eight criteria were met, and not with fewer of them", () => {
  const { criteria } = passed();
  expect(verdictOf(passed())).toBe("passed");
  expect(verdictOf(passed({ criteria: criteria.slice(1) }))).toBe("failed");
  expect(verdictOf(passed({ criteria: criteria.map((each, index) => ({ ...each, met: index > 0 })) }))).toBe("failed");
});

test("a run that was to be loaded and was not has not passed", () => {
  expect(verdictOf(passed({ performanceMode: true }))).toBe("failed");
});

test("a run that was stopped is interrupted, whatever was met", () => {
  expect(verdictOf(passed({ interrupted: true }))).toBe("interrupted");
});

test("nothing is missing from a whole run", () => {
  expect(reasonOf(passed())).toBeNull();
});

test.each([
  [interrupted(), 'Nothing was measured: the run was interrupted in phase "System initialisation".'],
  [
    passed({ measurement: null, phases: [phase] }),
    'Nothing was measured: phase "Agent crisis" failed: Not done within 60 s.',
  ],
  [passed({ measurement: null }), "Nothing was measured."],
  [passed({ workflowId: null }), "No workflow was submitted."],
  [unfinished(), 'Workflow 1 had not ended when it was measured: the run was interrupted in phase "Agent crisis".'],
  [passed({ workflowId: "another" }), "Workflow another is not part of the measurement."],
])("what is missing is said with its cause (%#)", (outcome, reason) => {
  expect(reasonOf(outcome)).toBe(reason);
});
