import type { AgentTypes, GroupStatus, TaskEntry } from "@agent-hive/contracts";
import { DurationEstimate, routeTask, type RoutableGroup } from "@agent-hive/domain";

/** How much work a group has, as its stream tells. */
export interface GroupLoad {
  /** Entries in the stream: finished ones are deleted, so all of them wait or run. */
  length: number;
  /** Entries ever added. What was added and is not there any more is finished. */
  added: number;
}

/** One row of the table: a group, and what the router knows of it. */
export interface RoutingRow extends RoutableGroup {
  readonly stream: string;
  readonly consumers: number;
}

/** Where a task goes, or why it goes nowhere. */
export type TaskRoute = { stream: string } | { deadLetter: string };

/**
 * Which group takes which task: by type, then by capability, then by least expected wait.
 *
 * A capability that a group had once is kept while this router lives: a group whose only consumers just crashed waits for
 * the next ones, as it would if the capability stood in the configuration.
 */
export class RoutingTable {
  private readonly rowsByGroup = new Map<string, Row>();

  constructor(private readonly agentTypes: AgentTypes) {
    for (const { group, agentType, stream, capabilities } of agentTypes.groups) {
      this.rowsByGroup.set(group, new Row(group, agentType, stream, capabilities));
    }
  }

  /** All rows, as they stand. */
  get rows(): RoutingRow[] {
    return [...this.rowsByGroup.values()];
  }

  /** The groups whose load matters: those that share their type with another one. All others have nothing to choose. */
  get contested(): RoutingRow[] {
    return this.rows.filter((row) => this.agentTypes.groupsOf(row.agentType).length > 1);
  }

  /** Takes over what the coordinator says of groups; one that it says nothing of has no consumers. */
  updateStatus(statuses: Iterable<GroupStatus>): void {
    const byGroup = new Map([...statuses].map((status) => [status.group, status]));
    for (const row of this.rowsByGroup.values()) row.updateStatus(byGroup.get(row.name));
  }

  /** Adds what consumers say that they can do. */
  learnCapabilities(consumers: Iterable<{ group?: string; handlers: readonly string[] }>): void {
    for (const { group, handlers } of consumers) this.rowsByGroup.get(group ?? "")?.learnCapabilities(handlers);
  }

  /** Takes over a look at a group's stream, and learns from two in a row how long its tasks take. */
  updateLoad(group: string, load: GroupLoad, atMs: number): void {
    this.rowsByGroup.get(group)?.updateLoad(load, atMs);
  }

  /** Chooses the group for a task, and counts the task as its work from now on. */
  route(task: TaskEntry): TaskRoute {
    const agentType = this.agentTypes.resolve(task.agentType) ?? task.agentType;
    const { group, deadLetter } = routeTask({ agentType, requires: task.capabilities }, this.rows as Row[]);
    if (deadLetter) return { deadLetter: `Task "${task.taskKey}" has no taker. ${deadLetter.message}` };
    group.inFlight++;
    return { stream: group.stream };
  }
}

class Row implements RoutingRow {
  slots = 0;
  consumers = 0;
  inFlight = 0;
  private readonly able: Set<string>;
  private readonly duration = new DurationEstimate();
  private lastLook: { load: GroupLoad; atMs: number } | undefined;

  constructor(
    readonly name: string,
    readonly agentType: string,
    readonly stream: string,
    configured: readonly string[],
  ) {
    this.able = new Set(configured);
  }

  get capabilities(): string[] {
    return [...this.able];
  }

  get durationMs(): number {
    return this.duration.ms;
  }

  updateStatus(status: GroupStatus | undefined): void {
    this.slots = status?.slots ?? 0;
    this.consumers = status?.consumers ?? 0;
    this.learnCapabilities(status?.handlers ?? []);
  }

  learnCapabilities(handlers: readonly string[]): void {
    for (const handler of handlers) this.able.add(handler);
  }

  updateLoad(load: GroupLoad, atMs: number): void {
    const durationMs = this.lastLook && durationBetween(this.lastLook, { load, atMs }, this.slots);
    if (durationMs !== undefined) this.duration.observe(durationMs);
    this.lastLook = { load, atMs };
    this.inFlight = load.length;
  }
}

interface Look {
  load: GroupLoad;
  atMs: number;
}

/**
 * How long one task took between two looks: the time that busy slots spent, divided by what they finished.
 *
 * @returns undefined if nothing was finished, or if the stream was made anew in between.
 */
export function durationBetween(before: Look, after: Look, slots: number): number | undefined {
  const finished = after.load.added - before.load.added - (after.load.length - before.load.length);
  if (finished <= 0 || after.load.added < before.load.added) return undefined;
  const busySlots = Math.min(slots, (before.load.length + after.load.length) / 2);
  return busySlots > 0 ? (busySlots * (after.atMs - before.atMs)) / finished : undefined;
}
