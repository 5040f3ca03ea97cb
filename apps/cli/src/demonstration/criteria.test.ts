import type { Measurement } from "@agent-hive/measurement";
import { judge, type Evidence } from "./criteria.js";

type Attempt = Measurement["attempts"][number];

const workflowId = "01a20922-1fa8-70c4-9ed9-4d9278452d8e";
const ids = ["a", "b"];
const attempts = ids.map(
  (taskId, index) =>
    ({ workflowId, taskId, agentType: "qa", outcome: "succeeded", incarnation: `i${index}` }) as Attempt,
);
const tasks = ids.map(
  (taskId) => ({ workflowId, taskId, agentType: "qa", state: "succeeded" }) as Measurement["tasks"][0],
);
const recovery = (runningMs: number | null) =>
  ({ kind: "crash", taskId: "a", runningMs }) as Measurement["recoveries"][0];
const target = (verdict: string) => ({ name: "recovery", verdict, unit: "ms" }) as Measurement["targets"][0];
const invariants = (["I1", "I2", "I3"] as const).map((id) => ({
  id,
  holds: true,
  checked: 1,
  name: id,
  violations: [],
}));

function measurement(changes: Partial<Measurement> = {}): Measurement {
  return {
    workflows: [{ id: workflowId, state: "succeeded" }],
    tasks,
    attempts,
    recoveries: [recovery(100)],
    concurrency: { mostRunning: 2, mostWorkflows: 1 },
    invariants,
    targets: [target("aim met"), target("floor met"), target("not measured")],
    ...changes,
  } as Measurement;
}

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    phasesDone: 8,
    phases: 8,
    workflowId,
    measurement: measurement(),
    plannedFaults: 1,
    refusedResults: 0,
    frozen: 0,
    applicationProblems: [],
    ...changes,
  };
}

const unmet = (changes: Partial<Evidence>): string[] =>
  judge(evidence(changes))
    .filter(({ met }) => !met)
    .map(({ name }) => name);
const measured = (changes: Partial<Measurement>): Partial<Evidence> => ({ measurement: measurement(changes) });

test("a faultless run meets all eight", () => {
  expect(judge(evidence())).toHaveLength(8);
  expect(unmet({})).toEqual([]);
});

test.each<[string, Partial<Evidence>, string]>([
  ["a phase is missing", { phasesDone: 7 }, "all phases done"],
  [
    "nothing ran beside anything",
    measured({ concurrency: { mostRunning: 1, mostWorkflows: 1 } }),
    "independent tasks ran in parallel",
  ],
  ["one consumer did it all", measured({ attempts: attempts.slice(0, 1) }), "groups shared the load"],
  [
    "a task was recorded twice",
    measured({ attempts: [...attempts, attempts[0]!] }),
    "nothing lost, nothing recorded twice",
  ],
  [
    "a task is not done",
    measured({ tasks: [...tasks, { ...tasks[0]!, taskId: "c", state: "cancelled" }] }),
    "nothing lost, nothing recorded twice",
  ],
  [
    "the validator found a loss",
    measured({ invariants: [{ ...invariants[0]!, holds: false }, invariants[1]!] }),
    "nothing lost, nothing recorded twice",
  ],
  ["a fault did not bite", { plannedFaults: 2 }, "crashes did not prevent completion"],
  ["the workflow is not known", { workflowId: "another" }, "crashes did not prevent completion"],
  ["the application does not work", { applicationProblems: ["no answer"] }, "crashes did not prevent completion"],
  ["a task never ran elsewhere", measured({ recoveries: [recovery(null)] }), "running elsewhere in time"],
  ["a task ran elsewhere too late", measured({ recoveries: [recovery(1_501)] }), "running elsewhere in time"],
  ["a late result was not refused", { frozen: 1 }, "stable under failure"],
  [
    "an attempt failed",
    measured({ attempts: [...attempts, { ...attempts[0]!, outcome: "failed" }] }),
    "stable under failure",
  ],
  [
    "an invariant does not hold",
    measured({ invariants: [...invariants.slice(0, 2), { ...invariants[2]!, holds: false }] }),
    "stable under failure",
  ],
  ["a floor is missed", measured({ targets: [target("aim met"), target("missed")] }), "targets met"],
  ["nothing was measured against targets", measured({ targets: [target("not measured")] }), "targets met"],
])("it is found out when %s", (_, changes, criterion) => {
  expect(unmet(changes)).toContain(criterion);
});
