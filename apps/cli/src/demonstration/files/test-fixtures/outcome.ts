import fc from "fast-check";
import { loadTargets, measure } from "@agent-hive/measurement";
import { demonstrated, soundRun } from "@agent-hive/measurement/test-fixtures";
import type { DemonstrationOutcome } from "../outcome.js";

const CRITERIA_MET = [
  "all phases done",
  "independent tasks ran in parallel",
  "groups shared the load",
  "crashes did not prevent completion",
  "running elsewhere in time",
  "nothing lost, nothing recorded twice",
  "stable under failure",
  "targets met",
].map((name) => ({ name, met: true, found: "as it should be" }));

/** The outcome of a demonstration that passed. */
export function passed(changes: Partial<DemonstrationOutcome> = {}): DemonstrationOutcome {
  const measurement = changes.measurement === undefined ? demonstrated() : changes.measurement;
  return {
    seed: 7,
    startedAt: "2026-11-26T01:40:00.000Z",
    seconds: 13.6,
    phases: [{ title: "System initialisation", ms: 3900, told: "11 services run", error: null }],
    criteria: CRITERIA_MET,
    environment: { node: "v24.21.0", platform: "linux", cores: 2, memoryBytes: 2 ** 34, settings: { Redis: "7.4.2" } },
    outputDir: "phase2_results",
    workflowId: measurement?.workflows[0]?.id ?? null,
    measurement,
    applicationProblems: [],
    events: [],
    performance: null,
    performanceMode: false,
    interrupted: false,
    ...changes,
  };
}

/** The outcome of a demonstration that was stopped while it was starting. */
export function interrupted(): DemonstrationOutcome {
  return passed({
    seconds: 1.2,
    phases: [{ title: "System initialisation", ms: 1200, told: "", error: "The demonstration was interrupted." }],
    criteria: [],
    workflowId: null,
    measurement: null,
    applicationProblems: null,
    interrupted: true,
  });
}

/** Outcomes of all kinds: random sound runs, some of them cut short, measured or not, stopped or not. */
export function someOutcome(): fc.Arbitrary<DemonstrationOutcome> {
  const sketch = fc.record({ seed: fc.nat(), workflows: fc.integer({ min: 0, max: 4 }), tasks: fc.constant(6) });
  return fc.tuple(sketch, fc.boolean(), fc.boolean()).map(([drawn, isMeasured, wasInterrupted]) => {
    const records = soundRun({ ...drawn, crashes: 0.4 });
    return passed({
      measurement: measure(records, loadTargets()),
      events: records.events,
      ...(!isMeasured && { measurement: null }),
      interrupted: wasInterrupted,
    });
  });
}
