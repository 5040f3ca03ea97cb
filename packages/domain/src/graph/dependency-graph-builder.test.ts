import { DependencyGraphBuilder } from "./dependency-graph-builder.js";
import type { GraphLimits, GraphTask } from "./graph-task.js";

/** `"c: a b"` is a task c that depends on a and b. */
function tasks(...lines: string[]): GraphTask[] {
  return lines.map((line) => {
    const [id = "", dependencies = ""] = line.split(":").map((part) => part.trim());
    return { id, agentType: "backend", dependsOn: dependencies.split(" ").filter(Boolean) };
  });
}

function problemsOf(definition: GraphTask[], limits: Partial<GraphLimits> = {}) {
  return new DependencyGraphBuilder(limits).build({ tasks: definition }).problems ?? [];
}

function graphOf(definition: GraphTask[]) {
  const { graph, problems } = new DependencyGraphBuilder().build({ tasks: definition });
  if (graph === undefined) throw new Error(JSON.stringify(problems));
  return graph;
}

const DEMONSTRATION = tasks(
  "system_design",
  "database_design",
  "api_development: system_design",
  "db_integration: database_design",
  "auth_system: api_development",
  "ui_components: api_development",
  "dashboard: db_integration ui_components",
  "auth_ui: auth_system ui_components",
  "api_tests: api_development db_integration auth_system",
  "ui_tests: ui_components dashboard auth_ui",
  "integration_tests: api_tests ui_tests",
);

describe("a valid definition", () => {
  test("the demonstration workflow gets levels, order, edges and critical path", () => {
    const graph = graphOf(DEMONSTRATION);
    expect(graph.size).toBe(11);
    expect(graph.edgeCount).toBe(16);
    expect(graph.levels).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 5]);
    expect(graph.topologicalOrder).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(graph.predecessors[9]).toEqual([5, 6, 7]);
    expect(graph.successors[2]).toEqual([4, 5, 8]);
    expect(graph.remainingPath).toEqual([6, 5, 5, 4, 4, 4, 3, 3, 2, 2, 1]);
    expect(graph.criticalPath.map((position) => graph.tasks[position]!.id)).toEqual([
      "system_design",
      "api_development",
      "auth_system",
      "auth_ui",
      "ui_tests",
      "integration_tests",
    ]);
  });

  test("the order is by level, and as submitted within one, however the tasks were submitted", () => {
    const graph = graphOf(tasks("last: left right", "right: first", "left: first", "alone", "first"));
    expect(graph.topologicalOrder).toEqual([3, 4, 1, 2, 0]);
  });

  test("ancestors are all that must be done before", () => {
    const graph = graphOf(DEMONSTRATION);
    expect(graph.ancestors(0)).toEqual([]);
    expect(graph.ancestors(7)).toEqual([0, 2, 4, 5]);
    expect(graph.ancestors(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("known durations weigh the paths, unless another weight is given", () => {
    const definition = tasks("quick", "slow", "end: quick slow").map((task, position) => ({
      ...task,
      durationMs: [10, 500, 20][position]!,
    }));
    const builder = new DependencyGraphBuilder();
    expect(builder.build({ tasks: definition }).graph?.remainingPath).toEqual([30, 520, 20]);
    expect(builder.build({ tasks: definition }, { weightOf: () => 2 }).graph?.remainingPath).toEqual([4, 4, 2]);
  });

  test("names that objects inherit are ordinary ids", () => {
    expect(graphOf(tasks("constructor", "__proto__: constructor", "toString: __proto__")).levels).toEqual([0, 1, 2]);
  });
});

describe("problems", () => {
  test.each<[string, GraphTask[], Partial<GraphLimits>, { code: string; path: string; message: string }]>([
    [
      "a cycle is spelled out, each depending on the next",
      tasks("start", "a: start c", "b: a", "c: b", "behind: c"),
      {},
      {
        code: "dependency_cycle",
        path: "tasks/1/dependsOn/1",
        message:
          "Tasks wait for each other in a circle: a → c → b → a (each depends on the next). " +
          "Remove one of these dependencies.",
      },
    ],
    [
      "of several cycles in one knot, a shortest one is shown",
      tasks("a: d", "b: a", "c: b d", "d: c"),
      {},
      {
        code: "dependency_cycle",
        path: "tasks/2/dependsOn/1",
        message:
          "Tasks wait for each other in a circle: c → d → c (each depends on the next). It is one of several " +
          "among 4 tasks that wait for each other. Remove one of these dependencies.",
      },
    ],
    [
      "an unknown dependency offers the nearest ids",
      tasks("fetch", "price: fecth"),
      {},
      {
        code: "unknown_dependency",
        path: "tasks/1/dependsOn/0",
        message: 'Task "price" depends on "fecth", which is not in the workflow. Did you mean "fetch"?',
      },
    ],
    [
      "an unknown dependency like nothing else names what is known",
      tasks("fetch", "price: quote"),
      {},
      {
        code: "unknown_dependency",
        path: "tasks/1/dependsOn/0",
        message: 'Task "price" depends on "quote", which is not in the workflow. Known tasks: "fetch", "price".',
      },
    ],
    [
      "a taken id",
      tasks("a", "b", "a"),
      {},
      {
        code: "duplicate_task_id",
        path: "tasks/2/id",
        message: 'Task id "a" is already taken by tasks/0. Rename one of them.',
      },
    ],
    [
      "a dependency on itself",
      tasks("a: a"),
      {},
      {
        code: "self_dependency",
        path: "tasks/0/dependsOn/0",
        message: 'Task "a" depends on itself. Remove this dependency.',
      },
    ],
    [
      "a dependency named twice",
      tasks("a", "b: a a"),
      {},
      {
        code: "duplicate_dependency",
        path: "tasks/1/dependsOn/1",
        message: 'Task "b" depends on "a" twice. Remove one of them.',
      },
    ],
    [
      "no tasks",
      [],
      {},
      { code: "no_tasks", path: "tasks", message: "The workflow has no tasks. Give it at least one." },
    ],
    [
      "too many tasks",
      tasks("a", "b", "c"),
      { maxTasks: 2 },
      {
        code: "too_many_tasks",
        path: "tasks",
        message: "The workflow has 3 tasks; at most 2 are allowed. Split it into several workflows.",
      },
    ],
    [
      "too many dependencies in all",
      tasks("a", "b: a", "c: a b"),
      { maxEdges: 2 },
      {
        code: "too_many_edges",
        path: "tasks",
        message:
          "The workflow has 3 dependencies; at most 2 are allowed. Where many tasks wait for many, put one task in between.",
      },
    ],
    [
      "too many dependencies of one task",
      tasks("a", "b", "c: a b"),
      { maxDependencies: 1 },
      {
        code: "too_many_dependencies",
        path: "tasks/2/dependsOn",
        message: 'Task "c" has 2 dependencies; at most 1 are allowed. Gather them in tasks in between.',
      },
    ],
  ])("%s", (_, definition, limits, expected) => {
    expect(problemsOf(definition, limits)).toEqual([expected]);
  });

  test.each(["", "-a", ".a", "a b", "a/b", "ä", "a\n", "x".repeat(129)])("the id %p is refused", (id) => {
    const [problem, ...others] = problemsOf([{ id, agentType: "backend", dependsOn: [] }]);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "invalid_task_id", path: "tasks/0/id" });
    expect(problem?.message).toContain("Use 1 to 128 letters, digits");
  });

  test.each(["a", "_a", "0", "a.b:c-d_E9", "x".repeat(128)])("the id %p is fine", (id) => {
    expect(problemsOf([{ id, agentType: "backend", dependsOn: [] }])).toEqual([]);
  });

  test.each([-1, NaN, Infinity])("a duration of %p is refused", (durationMs) => {
    const [problem] = problemsOf([{ id: "a", agentType: "backend", dependsOn: [], durationMs }]);
    expect(problem).toMatchObject({ code: "invalid_duration", path: "tasks/0/durationMs" });
    expect(problem?.message).toContain(String(durationMs));
  });

  test("an unknown agent type offers the nearest", () => {
    const definition = { tasks: [{ id: "a", agentType: "bakend", dependsOn: [] }] };
    const knownAgentTypes = new Set(["architects", "backend"]);
    expect(new DependencyGraphBuilder().build(definition, { knownAgentTypes }).problems).toEqual([
      {
        code: "unknown_agent_type",
        path: "tasks/0/agentType",
        message: 'Task "a" asks for agents of type "bakend", which does not exist. Did you mean "backend"?',
      },
    ]);
  });

  test("separate cycles are reported once each, the tasks between and behind them not at all", () => {
    const definition = tasks("a: b", "b: a", "between: b", "c: d between", "d: e", "e: c", "behind: e");
    expect(problemsOf(definition).map(({ path, message }) => [path, message.match(/: (.*) \(/)?.[1]])).toEqual([
      ["tasks/0/dependsOn/0", "a → b → a"],
      ["tasks/3/dependsOn/0", "c → d → e → c"],
    ]);
  });

  test("more than a hundred problems are counted beyond the hundredth", () => {
    const definition = tasks(...Array.from({ length: 150 }, (_, index) => `t${index}: t${index}`));
    const problems = problemsOf(definition);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toMatchObject({
      code: "more_problems",
      message: expect.stringContaining("50 more problems"),
    });
  });
});

// Recursion would overflow the stack here, and a quadratic step would not come to an end.
describe("size", () => {
  const SIZE = 100_000;
  const chain = () =>
    Array.from({ length: SIZE }, (_, index) => ({
      id: `task-${index}`,
      agentType: "backend",
      dependsOn: index === 0 ? [] : [`task-${index - 1}`],
    }));

  test("a chain of 100,000 tasks is built", () => {
    const graph = graphOf(chain());
    expect(graph.levels.at(-1)).toBe(SIZE - 1);
    expect(graph.criticalPath).toHaveLength(SIZE);
    expect(graph.ancestors(SIZE - 1)).toHaveLength(SIZE - 1);
  });

  test("100,000 tasks with ten dependencies each are built", () => {
    const definition = Array.from({ length: SIZE }, (_, index) => ({
      id: `task-${index}`,
      agentType: "backend",
      dependsOn: index < 10 ? [] : Array.from({ length: 10 }, (_none, back) => `task-${index - 1 - back}`),
    }));
    expect(graphOf(definition).edgeCount).toBe(10 * (SIZE - 10));
  });

  test("a ring of 100,000 tasks is reported, shortened in the middle", () => {
    const ring = chain();
    ring[0] = { ...ring[0]!, dependsOn: [`task-${SIZE - 1}`] };
    const problems = problemsOf(ring);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain("task-99991 → (99980 more) → task-10 → task-9");
  });

  test("what exceeds a limit is refused before it is walked", () => {
    const everyone = Array.from({ length: 50_000 }, (_, index) => `task-${index}`);
    const definition = everyone.map((id) => ({ id: `${id}-after`, agentType: "backend", dependsOn: everyone }));
    const walked = (): never => {
      throw new Error("a dependency was looked at");
    };
    Object.defineProperty(everyone, 0, { get: walked });
    expect(problemsOf(definition).map(({ code }) => code)).toEqual(["too_many_edges"]);
  });
});
