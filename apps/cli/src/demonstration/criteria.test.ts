import type { AttemptView, TaskView, WorkflowView } from "@agent-hive/contracts";
import { judge, type Evidence } from "./criteria.js";

function evidence(changes: Partial<Evidence> = {}): Evidence {
  const ids = ["a", "b"];
  const tasks = ids.map((id) => ({ id, agentType: "qa", state: "succeeded" }) as TaskView);
  const attempts = ids.map(
    (taskId, index) =>
      ({
        taskId,
        agentType: "qa",
        outcome: "succeeded",
        incarnation: `i${index}`,
        startedAt: "2026-01-01T00:00:00.000Z",
        finishedAt: "2026-01-01T00:00:01.000Z",
      }) as AttemptView,
  );
  return {
    phasesDone: 8,
    phases: 8,
    workflow: { state: "succeeded" } as WorkflowView,
    tasks,
    attempts,
    recoveries: [{ act: "crash", runningMs: 100, taskId: "a" } as Evidence["recoveries"][number]],
    plannedFaults: 1,
    refusedResults: 0,
    frozen: 0,
    applicationProblems: [],
    ...changes,
  };
}

const unmet = (changes: Partial<Evidence>) =>
  judge(evidence(changes))
    .filter(({ met }) => !met)
    .map(({ name }) => name);

test("a faultless run meets all eight", () => {
  expect(judge(evidence())).toHaveLength(8);
  expect(unmet({})).toEqual([]);
});

test.each<[string, Partial<Evidence>, string]>([
  ["a phase is missing", { phasesDone: 7 }, "all phases done"],
  [
    "a task was recorded twice",
    { attempts: [...evidence().attempts, evidence().attempts[0]!] },
    "nothing lost, nothing recorded twice",
  ],
  [
    "a task is not done",
    { tasks: [...evidence().tasks, { id: "c", agentType: "qa", state: "cancelled" } as TaskView] },
    "nothing lost, nothing recorded twice",
  ],
  ["a fault did not bite", { plannedFaults: 2 }, "crashes did not prevent completion"],
  ["the application does not work", { applicationProblems: ["no answer"] }, "crashes did not prevent completion"],
  [
    "a task never ran elsewhere",
    { recoveries: [{ act: "crash", runningMs: null, taskId: "a" } as Evidence["recoveries"][number]] },
    "running elsewhere in time",
  ],
  ["a late result was not refused", { frozen: 1 }, "stable under failure"],
  [
    "an attempt failed",
    {
      attempts: [
        ...evidence().attempts,
        { taskId: "a", outcome: "failed", agentType: "qa", startedAt: null } as AttemptView,
      ],
    },
    "stable under failure",
  ],
])("it is found out when %s", (_, changes, criterion) => {
  expect(unmet(changes)).toContain(criterion);
});

test("recovering slowly, if in time, misses the target alone", () => {
  expect(
    unmet({ recoveries: [{ act: "crash", runningMs: 900, taskId: "a" } as Evidence["recoveries"][number]] }),
  ).toEqual(["targets met"]);
});
