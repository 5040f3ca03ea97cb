import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HiveError } from "../errors/hive-error.js";
import { isTerminal, type Task, type TaskStatus } from "./task.js";
import {
  closeDependencies,
  markCancelled,
  markDelayed,
  markDispatched,
  markReady,
  redispatch,
  settle,
  TASK_TRANSITIONS,
  type TaskTransition,
} from "./task-transitions.js";

const common = {
  id: "price",
  attempt: 2,
  charged: 1,
  crashes: 1,
  crashesAlone: 0,
  dispatchedAt: 4_000,
  checkpoint: { attempt: 1, sequence: 3, data: "half" },
  failure: null,
};
const failure = { code: "boom", message: "It broke." };
const NOW = 4_500;
const tasks: Record<TaskStatus, Task> = {
  waiting: { ...common, status: "waiting", openDependencies: 0 },
  ready: { ...common, status: "ready" },
  delayed: { ...common, status: "delayed", dueAt: 5_000 },
  dispatched: { ...common, status: "dispatched" },
  succeeded: { ...common, status: "succeeded", output: 42, finishedAt: NOW },
  failed: { ...common, status: "failed", failure, finishedAt: NOW },
  cancelled: { ...common, status: "cancelled", finishedAt: NOW },
  dead: { ...common, status: "dead", failure, finishedAt: NOW },
};
const transitions: Record<TaskTransition, ((task: Task) => Task)[]> = {
  closeDependencies: [(task) => closeDependencies(task, 0)],
  markReady: [markReady],
  markDispatched: [(task) => markDispatched(task, NOW)],
  settle: [
    (task) => settle(task, { status: "succeeded", output: 42 }, NOW),
    (task) => settle(task, { status: "failed", failure }, NOW),
    (task) => settle(task, { status: "dead", failure }, NOW),
  ],
  markDelayed: [(task) => markDelayed(task, failure, 5_000)],
  redispatch: [(task) => redispatch(task, NOW)],
  markCancelled: [(task) => markCancelled(task, NOW)],
};
const names = Object.keys(TASK_TRANSITIONS) as TaskTransition[];
const statuses = Object.keys(tasks) as TaskStatus[];

describe("the table of transitions", () => {
  const cases = names.flatMap((name) => statuses.map((status) => [name, status] as const));

  test.each(cases)("%s from %s does what the table says", (name, status) => {
    const { from, to } = TASK_TRANSITIONS[name] as { from: readonly TaskStatus[]; to: readonly TaskStatus[] };
    const reached = () => transitions[name].map((transition) => transition(tasks[status]).status);
    if (from.includes(status)) return expect(reached()).toEqual(to);
    expect(reached).toThrow(HiveError);
    expect(reached).toThrow(`Task "price" is ${status}; ${name} needs it to be ${from.join(" or ")}.`);
  });

  test("nothing leaves a terminal status, and every other one can be left", () => {
    const left = new Set(names.flatMap((name) => TASK_TRANSITIONS[name].from as readonly TaskStatus[]));
    expect(statuses.filter((status) => !left.has(status))).toEqual(statuses.filter(isTerminal));
  });
});

test("docs/task-lifecycle.md draws these transitions, and no others", () => {
  const file = join(import.meta.dirname, "../../../../docs/task-lifecycle.md");
  const drawn = [...readFileSync(file, "utf8").matchAll(/^ {2}(\w+) --> (\w+):/gm)].map(
    ([, from, to]) => `${from} → ${to}`,
  );
  const table = Object.values(TASK_TRANSITIONS).flatMap(({ from, to }) =>
    from.flatMap((left) => to.map((reached) => `${left} → ${reached}`)),
  );
  expect(drawn.sort()).toEqual([...new Set(table)].sort());
});

describe("what transitions keep and change", () => {
  test.each<[string, Task, Task]>([
    [
      "dispatching grants the next attempt",
      markDispatched(tasks.ready, NOW),
      { ...common, status: "dispatched", attempt: 3, dispatchedAt: NOW },
    ],
    [
      "so does re-dispatching, uncharged",
      redispatch(tasks.dispatched, NOW),
      { ...common, status: "dispatched", attempt: 3, dispatchedAt: NOW },
    ],
    [
      "a delay charges",
      markDelayed(tasks.dispatched, failure, 7),
      { ...common, status: "delayed", charged: 2, failure, dueAt: 7 },
    ],
    ["the delay is forgotten when over", markReady(tasks.delayed), { ...common, status: "ready" }],
    [
      "a failure charges",
      settle(tasks.dispatched, { status: "failed", failure }, NOW),
      { ...common, status: "failed", charged: 2, failure, finishedAt: NOW },
    ],
    [
      "a dead letter does not",
      settle(tasks.dispatched, { status: "dead", failure }, NOW),
      { ...common, status: "dead", failure, finishedAt: NOW },
    ],
    [
      "cancelling forgets the rest",
      markCancelled(tasks.delayed, NOW),
      { ...common, status: "cancelled", finishedAt: NOW },
    ],
  ])("%s", (_, reached, expected) => {
    expect(reached).toEqual(expected);
  });

  const waiting: Task = { ...common, id: "join", attempt: 0, status: "waiting", openDependencies: 2 };

  test("dependencies close one by one or together, never more than are open", () => {
    expect(closeDependencies(waiting, 1).openDependencies).toBe(1);
    expect(closeDependencies(waiting, 2).openDependencies).toBe(0);
    expect(() => closeDependencies(waiting, 3)).toThrow('Task "join" has 2 open dependencies; 3 cannot be closed.');
  });

  test("a task with open dependencies is not made ready", () => {
    expect(() => markReady(waiting)).toThrow(
      'Task "join" is waiting for 2 dependencies; only one that waits for none is ready.',
    );
  });
});
