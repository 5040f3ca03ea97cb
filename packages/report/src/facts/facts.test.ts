import { demonstration } from "../test-fixtures/demonstration.js";
import { agentOf, factsOf } from "./facts.js";

test("acts are numbered by time, each with the recoveries of what its process held", () => {
  const input = demonstration();
  input.measurement.acts.reverse();
  const { acts } = factsOf(input);
  expect(acts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  for (const { act, recoveries } of acts)
    expect(recoveries.map(({ taskId }) => taskId)).toEqual(act.held.map(({ taskId }) => taskId));
});

test("of two acts of one kind on one process a recovery belongs to the nearer one", () => {
  const input = demonstration({ faults: [{ taskId: "dashboard", kind: "freeze" }] });
  const { acts, recoveries } = input.measurement;
  acts.push({ ...acts[0]!, atMs: acts[0]!.atMs + 5000 });
  recoveries.push({ ...recoveries[0]!, taskId: "auth_ui", atMs: acts[0]!.atMs + 4990 });
  expect(factsOf(input).acts.map((act) => act.recoveries.map(({ taskId }) => taskId))).toEqual([
    ["dashboard"],
    ["auth_ui"],
  ]);
});

test("a lost delivery, recorded by incarnation alone, has its agent's name from whoever knows it", () => {
  const facts = factsOf(demonstration());
  const lost = facts.measurement.attempts.find(({ outcome }) => outcome === "crashed")!;
  expect([lost.agentId, agentOf(facts, lost)]).toEqual([null, "architect-2"]);
  expect(agentOf(facts, { agentId: null, incarnation: "stranger" })).toBe("stranger");
  expect(agentOf(facts, { agentId: null, incarnation: null })).toBeUndefined();
});

test("of a workflow too large to list, the critical path is listed and what is left out has no anchor", () => {
  const input = demonstration();
  const [task] = input.measurement.tasks;
  input.measurement.tasks = Array.from({ length: 1000 }, (_, position) => ({
    ...task!,
    taskId: `task-${position}`,
    position,
    isCritical: position % 100 === 7,
  }));
  const { listedTasks, taskAnchors } = factsOf(input);
  expect(listedTasks).toHaveLength(200);
  expect(listedTasks.filter(({ isCritical }) => isCritical)).toHaveLength(10);
  expect(taskAnchors.size).toBe(200);
});
