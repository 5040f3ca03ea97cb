/**
 * Which group gets a task: type first, then capability, then the least expected wait. Capacity never refuses: a group
 * without consumers waits for some, so only a task that no group could ever take is a dead letter.
 */
import { suggestion } from "../text/nearest.js";

/** What routing needs to know of a task. */
export interface RoutableTask {
  readonly agentType: string;
  /** Capabilities its group must have, all of them; may be empty. */
  readonly requires: readonly string[];
}

/** What routing needs to know of a consumer group. */
export interface RoutableGroup {
  readonly name: string;
  readonly agentType: string;
  /** What its agents can do; `*` stands for everything. */
  readonly capabilities: readonly string[];
  /** Tasks it can run at once; 0 when it has no consumer at present. */
  readonly slots: number;
  /** Tasks handed to it and not finished. */
  readonly inFlight: number;
  /** How long one of its tasks takes, as learned. */
  readonly durationMs: number;
}

export type RoutingFailure = "no_group_of_type" | "no_capable_group";

export type Route<G extends RoutableGroup = RoutableGroup> =
  | { readonly group: G; readonly deadLetter?: undefined }
  | { readonly group?: undefined; readonly deadLetter: { readonly code: RoutingFailure; readonly message: string } };

/** The fitting group with the least expected wait, ties by name; or why no group can take the task. */
export function routeTask<G extends RoutableGroup>(task: RoutableTask, groups: readonly G[]): Route<G> {
  const ofType = groups.filter((group) => group.agentType === task.agentType);
  if (ofType.length === 0) {
    const types = new Set(groups.map((group) => group.agentType));
    const message = `No group has agents of type "${task.agentType}". ${suggestion(task.agentType, "agent types", types)}`;
    return { deadLetter: { code: "no_group_of_type", message } };
  }
  const able = ofType.filter((group) => missingCapabilities(task, group).length === 0);
  if (able.length === 0) return { deadLetter: { code: "no_capable_group", message: incapable(task, ofType) } };
  return { group: able.reduce((best, group) => (comesBefore(group, best) ? group : best)) };
}

/** Milliseconds a task would wait in this group before it starts; infinite while the group has no slots. */
export function expectedWaitMs(group: RoutableGroup): number {
  return group.slots > 0 ? (group.inFlight * group.durationMs) / group.slots : Infinity;
}

function comesBefore(group: RoutableGroup, best: RoutableGroup): boolean {
  const wait = expectedWaitMs(group);
  const bestWait = expectedWaitMs(best);
  return wait < bestWait || (wait === bestWait && group.name < best.name);
}

function missingCapabilities(task: RoutableTask, group: RoutableGroup): string[] {
  if (group.capabilities.includes("*")) return [];
  return task.requires.filter((capability) => !group.capabilities.includes(capability));
}

function incapable(task: RoutableTask, groups: readonly RoutableGroup[]): string {
  const lacking = groups.map((group) => `"${group.name}" lacks ${quoted(missingCapabilities(task, group))}`);
  return (
    `No group of type "${task.agentType}" can do all of ${quoted(task.requires)}: ${lacking.join("; ")}. ` +
    "Add the capability to a group, or drop it from the task."
  );
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
