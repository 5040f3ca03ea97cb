import fc from "fast-check";
import { randomDag } from "../test-fixtures/random-dag.js";
import { analyzeCriticalPath } from "./critical-path.js";
import type { DependencyGraph } from "./dependency-graph.js";
import { DependencyGraphBuilder } from "./dependency-graph-builder.js";
import type { GraphTask } from "./graph-task.js";

const builder = new DependencyGraphBuilder();

function graphOf(definition: { tasks: GraphTask[] }): DependencyGraph {
  const { graph, problems } = builder.build(definition);
  if (graph === undefined) throw new Error(JSON.stringify(problems));
  return graph;
}

describe("any acyclic definition", () => {
  test("its topological order holds every task once, each after what it waits for", () => {
    fc.assert(
      fc.property(randomDag(), (definition) => {
        const graph = graphOf(definition);
        const place = new Map(graph.topologicalOrder.map((position, index) => [position, index]));
        expect(place.size).toBe(graph.size);
        graph.predecessors.forEach((before, position) => {
          for (const each of before) expect(place.get(each)).toBeLessThan(place.get(position)!);
        });
      }),
    );
  });

  test("levels are one more than the highest below, and predecessors and successors mirror each other", () => {
    fc.assert(
      fc.property(randomDag(), (definition) => {
        const graph = graphOf(definition);
        graph.predecessors.forEach((before, position) => {
          expect(before.map((each) => graph.tasks[each]!.id)).toEqual(graph.tasks[position]!.dependsOn);
          expect(graph.levels[position]).toBe(Math.max(-1, ...before.map((each) => graph.levels[each]!)) + 1);
          for (const each of before) expect(graph.successors[each]).toContain(position);
        });
        expect(graph.successors.flat()).toHaveLength(graph.edgeCount);
      }),
    );
  });

  test("ancestors are exactly what a walk over dependencies reaches", () => {
    fc.assert(
      fc.property(randomDag(12), (definition) => {
        const graph = graphOf(definition);
        const reach = (position: number): Set<number> =>
          new Set(graph.predecessors[position]!.flatMap((each) => [each, ...reach(each)]));
        for (const position of graph.topologicalOrder) {
          expect(new Set(graph.ancestors(position))).toEqual(reach(position));
        }
      }),
    );
  });

  test("the critical path is a chain of real edges as long as the longest, and without slack", () => {
    fc.assert(
      fc.property(randomDag(12), (definition) => {
        const graph = graphOf(definition);
        const weights = graph.tasks.map((task) => task.durationMs ?? 1);
        const longestFrom = (position: number): number =>
          weights[position]! + Math.max(0, ...graph.successors[position]!.map(longestFrom));
        expect(graph.remainingPath).toEqual(graph.tasks.map((_, position) => longestFrom(position)));

        const { length, slack, criticalPath } = analyzeCriticalPath(graph, weights);
        expect(criticalPath).toEqual(graph.criticalPath);
        expect(length).toBe(Math.max(...graph.remainingPath));
        expect(criticalPath.reduce((sum, position) => sum + weights[position]!, 0)).toBe(length);
        expect(criticalPath.map((position) => slack[position])).toEqual(criticalPath.map(() => 0));
        criticalPath.slice(1).forEach((position, index) => {
          expect(graph.predecessors[position]).toContain(criticalPath[index]);
        });
      }),
    );
  });

  test("delaying a task by its slack does not delay the end, delaying it further does by just as much", () => {
    fc.assert(
      fc.property(randomDag(12), fc.nat(), (definition, pick) => {
        const graph = graphOf(definition);
        const weights = graph.tasks.map((task) => task.durationMs ?? 1);
        const { length, slack } = analyzeCriticalPath(graph, weights);
        const position = pick % graph.size;
        const later = (byMs: number) =>
          analyzeCriticalPath(graph, weights.with(position, weights[position]! + slack[position]! + byMs)).length;
        expect([later(0), later(7)]).toEqual([length, length + 7]);
      }),
    );
  });
});

describe("any definition with faults put in", () => {
  const known = new Set(["architects", "backend", "frontend", "qa"]);
  type Fault = "unknown" | "self" | "twice" | "duplicate id" | "agent type" | "bad id" | "duration" | "cycle";
  const faults = fc.uniqueArray(
    fc.constantFrom<Fault>("unknown", "self", "twice", "duplicate id", "agent type", "bad id", "duration", "cycle"),
    { minLength: 1 },
  );

  /** Adds the fault to tasks that take no part in any other, and says what is to be reported. */
  const inject: Record<Fault, (tasks: GraphTask[]) => { code: string; path: string }> = {
    unknown: (tasks) => add(tasks, "unknown_dependency", "dependsOn/0", { dependsOn: ["missing"] }),
    self: (tasks) => add(tasks, "self_dependency", "dependsOn/0", { id: "own", dependsOn: ["own"] }),
    twice: (tasks) => add(tasks, "duplicate_dependency", "dependsOn/1", { dependsOn: ["t0", "t0"] }),
    "duplicate id": (tasks) => add(tasks, "duplicate_task_id", "id", { id: "t0" }),
    "agent type": (tasks) => add(tasks, "unknown_agent_type", "agentType", { agentType: "gardeners" }),
    "bad id": (tasks) => add(tasks, "invalid_task_id", "id", { id: "not an id" }),
    duration: (tasks) => add(tasks, "invalid_duration", "durationMs", { durationMs: -1 }),
    cycle: (tasks) => {
      const expected = add(tasks, "dependency_cycle", "dependsOn/0", { id: "ring1", dependsOn: ["ring2"] });
      add(tasks, "", "", { id: "ring2", dependsOn: ["ring1"] });
      return expected;
    },
  };

  function add(tasks: GraphTask[], code: string, field: string, task: Partial<GraphTask>) {
    const path = `tasks/${tasks.length}/${field}`;
    tasks.push({ id: `fault${tasks.length}`, agentType: "qa", dependsOn: [], ...task });
    return { code, path };
  }

  test("all of them are reported together, each once, and nothing else is", () => {
    fc.assert(
      fc.property(randomDag(), faults, (definition, chosen) => {
        const tasks = [...definition.tasks];
        const expected = chosen.map((fault) => inject[fault](tasks));
        const problems = builder.build({ tasks }, { knownAgentTypes: known }).problems ?? [];
        const reported = problems.map(({ code, path }) => ({ code, path }));
        expect(reported).toHaveLength(expected.length);
        expect(reported).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: 500 },
    );
  });

  test("with random edges it has a graph, or every knot of tasks is reported once by a true shortest cycle", () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 16 });
    fc.assert(
      fc.property(edges, (drawn) => {
        const tasks = Array.from({ length: 8 }, (_, position) => ({
          id: `t${position}`,
          agentType: "qa",
          dependsOn: [...new Set(drawn.flatMap(([from, to]) => (from === position && to !== from ? [`t${to}`] : [])))],
        }));
        const distance = distances(tasks);
        const knots = knotsOf(distance);
        const { problems = [] } = builder.build({ tasks });
        const cycles = problems.map(({ message }) =>
          [...message.matchAll(/t(\d)(?= →)/g)].map((hit) => Number(hit[1])),
        );
        expect(cycles).toHaveLength(knots.length);
        cycles.forEach((cycle, index) => {
          const knot = knots[index]!;
          expect(knot).toEqual(expect.arrayContaining(cycle));
          expect(cycle).toHaveLength(Math.min(...knot.map((position) => distance[position]![position]!)));
          cycle.forEach((position, step) => {
            expect(tasks[position]!.dependsOn).toContain(`t${cycle[(step + 1) % cycle.length]}`);
          });
        });
      }),
      { numRuns: 1_000 },
    );
  });

  /** Floyd-Warshall: steps from each task to each, itself included, along dependencies. */
  function distances(tasks: GraphTask[]): number[][] {
    const all = tasks.map((task) => tasks.map((other) => (task.dependsOn.includes(other.id) ? 1 : Infinity)));
    for (const via of all.keys()) {
      for (const from of all.keys()) {
        for (const to of all.keys()) {
          all[from]![to] = Math.min(all[from]![to]!, all[from]![via]! + all[via]![to]!);
        }
      }
    }
    return all;
  }

  function knotsOf(distance: number[][]): number[][] {
    const knotOf = (position: number) =>
      [...distance.keys()].filter((other) => distance[position]![other]! + distance[other]![position]! < Infinity);
    return [...distance.keys()].map(knotOf).filter((knot, position) => knot[0] === position);
  }
});
