/**
 * Turns phases into flat tasks: each phase waits for all tasks of the one before, everything inside a phase runs in
 * parallel. It trusts nothing about the shape, since the nested form is too free for a schema; problems carry the path
 * as the author wrote it (`phases/development_phase/backend/0`).
 */
import { tooManyEdges } from "../graph/dependency-graph-builder.js";
import { DEFAULT_GRAPH_LIMITS, type GraphLimits, taskIdProblem } from "../graph/graph-task.js";
import { type Problem, ProblemList, pointer } from "../problems/problem-list.js";
import { suggestion } from "../text/nearest.js";
import { NOT_A_CAPABILITY, isCapability } from "../text/printable.js";
import type { PhasedDefinition, PhaseTask } from "./phased-definition.js";

/** What can be wrong with phases. */
export type PhaseProblemCode =
  | "no_phases"
  | "empty_phase"
  | "reordered_phase"
  | "nested_too_deep"
  | "malformed_item"
  | "unknown_field"
  | "invalid_task_id"
  | "invalid_handler"
  | "duplicate_task_id"
  | "unknown_agent_type"
  | "unresolved_agent_type"
  | "too_many_dependencies"
  | "too_many_edges"
  | "more_problems";

export interface PhaseOptions {
  /** The agent type for a task that stands in no map, found by its capability; undefined if nobody can do it. */
  readonly resolveAgentType: (taskId: string) => string | undefined;
  /** Agent types that maps and items may name; absent means that any will do. */
  readonly knownAgentTypes?: ReadonlySet<string>;
  /** How deep lists and maps may be nested within a phase; default 8. */
  readonly maxDepth?: number;
  /** Dependencies multiply between wide phases, so they are checked before they are made; defaults as for graphs. */
  readonly limits?: Partial<GraphLimits>;
}

export type PhaseResult =
  | { readonly tasks: readonly PhaseTask[]; readonly problems?: undefined }
  | { readonly tasks?: undefined; readonly problems: readonly Problem<PhaseProblemCode>[] };

/** Enough for phase, agent type and a few lists; what is deeper is a mistake. */
const DEFAULT_MAX_DEPTH = 8;
const ITEM_FIELDS = new Set(["id", "agentType", "handler", "input"]);
/** Keys that JavaScript moves to the front of an object, in numerical order. */
const INTEGER_KEY = /^(0|[1-9]\d{0,9})$/;

/** The flat tasks of all phases, phase after phase as written; or all problems together. Takes anything JSON can say. */
export function flattenPhases(phases: PhasedDefinition, options: PhaseOptions): PhaseResult {
  return new PhaseFlattener(options).flatten(phases);
}

type FoundTask = Omit<PhaseTask, "dependsOn">;
type Path = readonly (string | number)[];

class PhaseFlattener {
  readonly #problems = new ProblemList<PhaseProblemCode>();
  readonly #pathOfId = new Map<string, string>();
  readonly #limits: GraphLimits;
  readonly #maxDepth: number;

  constructor(private readonly options: PhaseOptions) {
    this.#limits = { ...DEFAULT_GRAPH_LIMITS, ...options.limits };
    this.#maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  }

  flatten(phases: PhasedDefinition): PhaseResult {
    const names = Object.keys(phases);
    if (names.length === 0) this.#report("no_phases", ["phases"], () => "There are no phases. Give at least one.");
    const found = names.map((name) => this.#readPhase(name, phases[name]));
    this.#checkEdges(names, found);
    if (!this.#problems.isEmpty) return { problems: this.#problems.toArray() };
    const ids = found.map((tasks) => tasks.map((task) => task.id));
    return {
      tasks: found.flatMap((tasks, phase) => tasks.map((task) => ({ ...task, dependsOn: ids[phase - 1] ?? [] }))),
    };
  }

  #readPhase(name: string, node: unknown): FoundTask[] {
    const path = ["phases", name];
    if (INTEGER_KEY.test(name)) {
      const message = () => `Phase "${name}" has a number for a name, which loses its place. Name it "phase_${name}".`;
      this.#report("reordered_phase", path, message);
    }
    const tasks: FoundTask[] = [];
    const isWellFormed = this.#collect(node, path, undefined, 0, tasks);
    if (tasks.length === 0 && isWellFormed) {
      this.#report("empty_phase", path, () => `Phase "${name}" has no tasks. Give it one, or remove it.`);
    }
    return tasks;
  }

  /** Appends the tasks found in `node`; false if something in it had to be left out. */
  #collect(node: unknown, path: Path, agentType: string | undefined, depth: number, tasks: FoundTask[]): boolean {
    if (typeof node === "string") return this.#addTask({ id: node }, path, agentType, tasks);
    if (!isContainer(node)) {
      this.#report("malformed_item", path, () => `${show(node)} is no task. Write its id, or an object with an id.`);
      return false;
    }
    if (!Array.isArray(node) && "id" in node) return this.#addTask(node, path, agentType, tasks);
    if (depth >= this.#maxDepth) {
      this.#report("nested_too_deep", path, () => `Nested deeper than ${this.#maxDepth} levels. Flatten it.`);
      return false;
    }
    const children = Array.isArray(node)
      ? node.map((child, index) => this.#collect(child, [...path, index], agentType, depth + 1, tasks))
      : Object.entries(node).map(([type, child]) => {
          this.#checkAgentType(type, [...path, type]);
          return this.#collect(child, [...path, type], type, depth + 1, tasks);
        });
    return children.every(Boolean);
  }

  #addTask(item: Record<string, unknown>, path: Path, inherited: string | undefined, tasks: FoundTask[]): boolean {
    if (!this.#isWellFormed(item, path)) return false;
    const { id, agentType: own, ...rest } = item;
    if (rest.handler !== undefined && !isCapability(rest.handler)) {
      const message = () => `Handler ${show(rest.handler)} is not allowed: it ${NOT_A_CAPABILITY}.`;
      this.#report("invalid_handler", [...path, "handler"], message);
    }
    const idProblem = taskIdProblem(id);
    if (idProblem !== undefined) this.#report("invalid_task_id", path, () => idProblem);
    const firstPath = this.#pathOfId.get(id);
    if (firstPath === undefined) this.#pathOfId.set(id, pointer(...path));
    else this.#report("duplicate_task_id", path, () => `Task id "${id}" is already taken by ${firstPath}. Rename one.`);
    if (own !== undefined) this.#checkAgentType(own, [...path, "agentType"]);
    const agentType = own ?? inherited ?? this.options.resolveAgentType(id);
    if (agentType === undefined) this.#report("unresolved_agent_type", path, () => this.#unresolved(id));
    // Kept even with a problem, so that the phase does not count as empty and the edges are counted right.
    tasks.push({ id, agentType: agentType ?? "", ...rest });
    return true;
  }

  #isWellFormed(
    item: Record<string, unknown>,
    path: Path,
  ): item is { id: string; agentType?: string; handler?: string } {
    const unknown = Object.keys(item).filter((field) => !ITEM_FIELDS.has(field));
    for (const field of unknown) {
      const remedy = () =>
        field === "dependsOn" ? "Here the phases say what depends on what." : suggestion(field, "fields", ITEM_FIELDS);
      this.#report("unknown_field", [...path, field], () => `A task in a phase has no field "${field}". ${remedy()}`);
    }
    const misfits = ["id", "agentType", "handler"].filter((field) => {
      const value = item[field];
      return typeof value !== "string" && (field === "id" || value !== undefined);
    });
    for (const field of misfits) {
      const message = () => `The ${field} of a task is a string; this is ${show(item[field])}.`;
      this.#report("malformed_item", [...path, field], message);
    }
    return unknown.length === 0 && misfits.length === 0;
  }

  #checkAgentType(agentType: string, path: Path): void {
    const known = this.options.knownAgentTypes;
    if (known === undefined || known.has(agentType)) return;
    const message = () => `Agent type "${agentType}" does not exist. ${suggestion(agentType, "agent types", known)}`;
    this.#report("unknown_agent_type", path, message);
  }

  #unresolved(id: string): string {
    const types = this.options.knownAgentTypes ?? [];
    const example = [...types][0] ?? "backend";
    return (
      `No agent type has the capability "${id}". Put the task under its agent type, ` +
      `{ "${example}": ["${id}"] }, or add the capability to a group.`
    );
  }

  #checkEdges(names: readonly string[], found: readonly FoundTask[][]): void {
    const { maxDependencies, maxEdges } = this.#limits;
    let edges = 0;
    for (let phase = 1; phase < found.length; phase++) {
      const before = found[phase - 1]!.length;
      edges += before * found[phase]!.length;
      if (before <= maxDependencies) continue;
      const message = () =>
        `Phase "${names[phase]}" waits for ${before} tasks; at most ${maxDependencies} are allowed. ` +
        `Split phase "${names[phase - 1]}" into several.`;
      this.#report("too_many_dependencies", ["phases", names[phase]!], message);
    }
    if (edges > maxEdges) this.#report("too_many_edges", ["phases"], () => tooManyEdges(edges, maxEdges));
  }

  #report(code: PhaseProblemCode, path: Path, message: () => string): void {
    this.#problems.add(() => ({ code, path: pointer(...path), message: message() }));
  }
}

function isContainer(node: unknown): node is Record<string, unknown> | unknown[] {
  return typeof node === "object" && node !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
