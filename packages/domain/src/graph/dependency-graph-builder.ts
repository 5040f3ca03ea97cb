/**
 * DependencyGraphBuilder: turns a definition into a graph, or says everything that is wrong with it at once. Linear in
 * tasks and dependencies (100,000 tasks take about a fifth of a second) and free of recursion.
 */
import { type Problem, ProblemList, pointer } from "../problems/problem-list.js";
import { suggestion } from "../text/nearest.js";
import { cyclicComponents, shortestCycle } from "./cycles.js";
import { DependencyGraph } from "./dependency-graph.js";
import { DEFAULT_GRAPH_LIMITS, type GraphLimits, type GraphTask, taskIdProblem } from "./graph-task.js";
import { type Edges, levelsOf, reversed } from "./levels.js";

/** What can be wrong with a graph. */
export type GraphProblemCode =
  | "no_tasks"
  | "too_many_tasks"
  | "too_many_edges"
  | "too_many_dependencies"
  | "invalid_task_id"
  | "duplicate_task_id"
  | "invalid_duration"
  | "unknown_agent_type"
  | "self_dependency"
  | "duplicate_dependency"
  | "unknown_dependency"
  | "dependency_cycle"
  | "more_problems";

export interface GraphOptions<T extends GraphTask> {
  /** Agent types a task may name; absent means that any will do. */
  readonly knownAgentTypes?: ReadonlySet<string>;
  /** Weight of a task in path lengths, not negative; default its `durationMs`, or 1 without. */
  readonly weightOf?: (task: T) => number;
}

export type GraphResult<T extends GraphTask> =
  | { readonly graph: DependencyGraph<T>; readonly problems?: undefined }
  | { readonly graph?: undefined; readonly problems: readonly Problem<GraphProblemCode>[] };

type Problems = ProblemList<GraphProblemCode>;

/** Tasks spelled out of one cycle; a longer one is shortened in the middle. */
const CYCLE_TASKS_SHOWN = 20;

/** Builds and validates dependency graphs within limits (defaults in `DEFAULT_GRAPH_LIMITS`). Holds no state. */
export class DependencyGraphBuilder {
  readonly #limits: GraphLimits;

  constructor(limits: Partial<GraphLimits> = {}) {
    this.#limits = { ...DEFAULT_GRAPH_LIMITS, ...limits };
  }

  /**
   * The graph, or all problems of the definition together, at most 100 of them and a note on how many more. Never
   * throws. Of two tasks with one id, dependencies mean the first.
   */
  build<T extends GraphTask>(
    definition: { readonly tasks: readonly T[] },
    options: GraphOptions<T> = {},
  ): GraphResult<T> {
    const { tasks } = definition;
    const problems: Problems = new ProblemList();
    this.#checkSize(tasks, problems);
    // What is over the limits is not looked into: the limits bound this work too.
    if (!problems.isEmpty) return { problems: problems.toArray() };

    const positions = indexById(tasks, problems);
    tasks.forEach((task, position) => this.#checkTask(task, position, options, problems));
    const predecessors = resolveDependencies(tasks, positions, problems);
    const successors = reversed(predecessors);
    const levels = levelsOf(predecessors, successors);
    reportCycles(tasks, predecessors, successors, levels, problems);
    if (!problems.isEmpty) return { problems: problems.toArray() };

    const weights = tasks.map(options.weightOf ?? ((task) => task.durationMs ?? 1));
    return { graph: new DependencyGraph({ tasks, predecessors, successors, levels, weights }) };
  }

  #checkSize(tasks: readonly GraphTask[], problems: Problems): void {
    const { maxTasks, maxEdges } = this.#limits;
    if (tasks.length === 0) {
      problems.add(() => ({
        code: "no_tasks",
        path: "tasks",
        message: "The workflow has no tasks. Give it at least one.",
      }));
    }
    if (tasks.length > maxTasks) {
      const message = `The workflow has ${tasks.length} tasks; at most ${maxTasks} are allowed. Split it into several workflows.`;
      problems.add(() => ({ code: "too_many_tasks", path: "tasks", message }));
    }
    const edges = tasks.reduce((sum, task) => sum + task.dependsOn.length, 0);
    if (edges > maxEdges) {
      problems.add(() => ({ code: "too_many_edges", path: "tasks", message: tooManyEdges(edges, maxEdges) }));
    }
  }

  #checkTask<T extends GraphTask>(task: T, position: number, options: GraphOptions<T>, problems: Problems): void {
    const { id, agentType, dependsOn, durationMs } = task;
    const { maxDependencies } = this.#limits;
    const path = (field: string) => pointer("tasks", position, field);
    const badId = taskIdProblem(id);
    if (badId !== undefined) problems.add(() => ({ code: "invalid_task_id", path: path("id"), message: badId }));
    if (options.knownAgentTypes?.has(agentType) === false) {
      const known = options.knownAgentTypes;
      problems.add(() => ({
        code: "unknown_agent_type",
        path: path("agentType"),
        message: `Task "${id}" asks for agents of type "${agentType}", which does not exist. ${suggestion(agentType, "agent types", known)}`,
      }));
    }
    if (dependsOn.length > maxDependencies) {
      const message =
        `Task "${id}" has ${dependsOn.length} dependencies; at most ${maxDependencies} are allowed. ` +
        "Gather them in tasks in between.";
      problems.add(() => ({ code: "too_many_dependencies", path: path("dependsOn"), message }));
    }
    if (durationMs !== undefined && !(durationMs >= 0 && durationMs < Infinity)) {
      const message = `Task "${id}" has a durationMs of ${durationMs}. Give milliseconds from 0 up, or leave it out.`;
      problems.add(() => ({ code: "invalid_duration", path: path("durationMs"), message }));
    }
  }
}

/** The sentence for a workflow with too many dependencies, shared with the phases, where they multiply. */
export function tooManyEdges(edges: number, maxEdges: number): string {
  return (
    `The workflow has ${edges} dependencies; at most ${maxEdges} are allowed. ` +
    "Where many tasks wait for many, put one task in between."
  );
}

function indexById(tasks: readonly GraphTask[], problems: Problems): Map<string, number> {
  const positions = new Map<string, number>();
  tasks.forEach(({ id }, position) => {
    const first = positions.get(id);
    if (first === undefined) {
      positions.set(id, position);
      return;
    }
    problems.add(() => ({
      code: "duplicate_task_id",
      path: pointer("tasks", position, "id"),
      message: `Task id "${id}" is already taken by tasks/${first}. Rename one of them.`,
    }));
  });
  return positions;
}

/** Per task, the positions of its dependencies; those with a problem are left out. */
function resolveDependencies(
  tasks: readonly GraphTask[],
  positions: ReadonlyMap<string, number>,
  problems: Problems,
): number[][] {
  // The task that named a dependency last: a duplicate shows without a set per task.
  const namedBy = new Int32Array(tasks.length).fill(-1);
  return tasks.map((task, position) => {
    const resolved: number[] = [];
    task.dependsOn.forEach((name, index) => {
      const dependency = positions.get(name);
      const report = (code: GraphProblemCode, message: () => string) =>
        problems.add(() => ({ code, path: pointer("tasks", position, "dependsOn", index), message: message() }));
      if (name === task.id) {
        report("self_dependency", () => `Task "${task.id}" depends on itself. Remove this dependency.`);
      } else if (dependency === undefined) {
        report("unknown_dependency", () => unknownDependency(task.id, name, positions.keys()));
      } else if (namedBy[dependency] === position) {
        report("duplicate_dependency", () => `Task "${task.id}" depends on "${name}" twice. Remove one of them.`);
      } else {
        namedBy[dependency] = position;
        resolved.push(dependency);
      }
    });
    return resolved;
  });
}

function unknownDependency(id: string, name: string, known: Iterable<string>): string {
  return `Task "${id}" depends on "${name}", which is not in the workflow. ${suggestion(name, "tasks", known)}`;
}

function reportCycles(
  tasks: readonly GraphTask[],
  predecessors: Edges,
  successors: Edges,
  levels: readonly number[],
  problems: Problems,
): void {
  const suspects = [...levels.keys()].filter((position) => levels[position] === -1);
  if (suspects.length === 0) return;
  for (const component of cyclicComponents(predecessors, successors, suspects)) {
    problems.add(() => {
      const cycle = shortestCycle(component, predecessors);
      const ids = cycle.map((position) => tasks[position]!.id);
      const edge = tasks[cycle[0]!]!.dependsOn.indexOf(ids[1]!);
      return {
        code: "dependency_cycle",
        path: pointer("tasks", cycle[0]!, "dependsOn", edge),
        message: describeCycle(ids, component.length),
      };
    });
  }
}

function describeCycle(ids: readonly string[], tasksInvolved: number): string {
  const half = CYCLE_TASKS_SHOWN / 2;
  const isLong = ids.length > CYCLE_TASKS_SHOWN;
  const shown = isLong ? [...ids.slice(0, half), `(${ids.length - 2 * half} more)`, ...ids.slice(-half)] : ids;
  const others =
    tasksInvolved > ids.length ? ` It is one of several among ${tasksInvolved} tasks that wait for each other.` : "";
  return (
    `Tasks wait for each other in a circle: ${[...shown, ids[0]].join(" → ")} (each depends on the next).${others} ` +
    "Remove one of these dependencies."
  );
}
