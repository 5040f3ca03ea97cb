/** What the graph needs to know of a task, and how large a graph may be. */

/** A task of a definition, as far as the graph is concerned. Callers pass their own richer type and get it back. */
export interface GraphTask {
  /** Unique within the workflow; see `TASK_ID_PATTERN`. */
  readonly id: string;
  readonly agentType: string;
  /** Ids of the tasks whose results must be recorded before this one starts. */
  readonly dependsOn: readonly string[];
  /** Expected duration in milliseconds, if known; not negative. */
  readonly durationMs?: number;
}

/** Bounds of one workflow, so that one submission can neither fill the database nor stall the engine. */
export interface GraphLimits {
  /** Default 100,000. */
  readonly maxTasks: number;
  /** Dependencies of all tasks together; default 1,000,000. */
  readonly maxEdges: number;
  /** Dependencies of one task; default 100,000: one task may gather all others. */
  readonly maxDependencies: number;
}

export const DEFAULT_GRAPH_LIMITS: GraphLimits = { maxTasks: 100_000, maxEdges: 1_000_000, maxDependencies: 100_000 };

/** 1 to 128 characters that need no escaping in keys, URLs and shells, the first a letter, digit or underscore. */
export const TASK_ID_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}$/;

/** What is wrong with a task id, as a sentence with the remedy; undefined if nothing is. */
export function taskIdProblem(id: string): string | undefined {
  if (TASK_ID_PATTERN.test(id)) return undefined;
  const shown = id.length > 140 ? `${id.slice(0, 140)}…` : id;
  return (
    `Task id ${JSON.stringify(shown)} is not allowed. Use 1 to 128 letters, digits, "_", ".", ":" and "-", ` +
    'beginning with a letter, a digit or "_".'
  );
}
