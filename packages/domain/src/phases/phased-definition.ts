/** A workflow as people sketch it, in phases: its written form and what it becomes. */

/** A task inside a phase: its id alone, or an object for one that needs more. */
export type PhaseItem = string | PhaseTaskItem;

/** A task inside a phase, written out. An object with an `id` is always a task, never a map of agent types. */
export interface PhaseTaskItem {
  readonly id: string;
  /** Wins over the key of the map it stands in. */
  readonly agentType?: string;
  /** Handler to run; default the task's id. */
  readonly handler?: string;
  readonly input?: unknown;
}

/** What a phase holds: a task, a list, or a map whose keys name agent types; all of it runs in parallel. */
export type PhaseNode = PhaseItem | readonly PhaseNode[] | { readonly [agentType: string]: PhaseNode };

/** Phases by name, in the order in which they run. */
export type PhasedDefinition = { readonly [phase: string]: PhaseNode };

/** A task as the phases give it: flat, ready for `DependencyGraphBuilder`. */
export interface PhaseTask {
  readonly id: string;
  readonly agentType: string;
  /** All tasks of the phase before; tasks of one phase share one array. */
  readonly dependsOn: readonly string[];
  readonly handler?: string;
  readonly input?: unknown;
}
