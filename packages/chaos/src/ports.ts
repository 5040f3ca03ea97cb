/** What the simulator needs of the hive around it. */
import type { MomentOrder, TaskMoment as Moment } from "@agent-hive/contracts";

export type { Moment };

/** A living agent's process, and which of its lives this is. */
export interface AgentProcess {
  /** Its number where it runs. */
  pid: number;
  incarnation: string;
  /** The name of the machine or container that it runs in. Default: this machine. */
  host?: string;
}

/** Knows the registered agents, and can bring one back. */
export interface AgentDirectory {
  /** The agent's present life; undefined if no such agent is registered in the group. */
  find(agentId: string, group: string): Promise<AgentProcess | undefined>;
  /** Starts a crashed agent's process again, unless that has been done already. */
  revive(agentId: string): Promise<void>;
}

/** When a process was struck, right after it. */
export interface Strike {
  /** Wall clock, in ms. */
  atMs: number;
  /** {@link ChaosClock.monotonicMs} */
  monotonicMs: number;
}

/** A strike that can be undone. */
export interface Freeze extends Strike {
  /** Lets the process go on; false if it is not there any more. */
  thaw(): Promise<boolean>;
}

/** Reaches processes where they run. What it cannot tell to be the agent's process it leaves alone, and gives undefined. */
export interface Hand {
  /** Kills it: SIGKILL, no goodbye. */
  crash(agentId: string, process: AgentProcess): Promise<Strike | undefined>;
  /** Stops it in its tracks. Its connections stay open. */
  freeze(agentId: string, process: AgentProcess): Promise<Freeze | undefined>;
}

/** Moments at which an agent stands still by an order; at the others it passes by, and an act may come a little later. */
export const HELD_MOMENTS: ReadonlySet<Moment> = new Set<Moment>(["started", "finished"]);

/** A task has come to such a point. */
export interface TaskMoment {
  moment: Moment;
  workflowId: string;
  taskId: string;
  agentType: string;
  agentId: string;
  group: string;
  incarnation: string;
  /** When, in ISO 8601. */
  at: string;
  /** The order by which the agent stands still there; absent if it merely passed. */
  orderId?: string;
}

/** Tells of the moments of all tasks, as they happen. */
export interface TaskMoments {
  /** @returns a function that ends the subscription. */
  subscribe(listener: (moment: TaskMoment) => void): () => void;
  /** Makes agents stand still at moments, so that an act cannot come too late. Absent where they merely pass. */
  orders?: MomentOrders;
}

/** Orders to stand still at a moment, each for the first agent that comes to it. */
export interface MomentOrders {
  place(order: Omit<MomentOrder, "id">): Promise<string>;
  /** Takes an order back that no agent has come to. */
  withdraw(orderId: string): Promise<void>;
  /** Lets the agent go on that stands still by the order. */
  release(orderId: string): Promise<void>;
}

/** Wall clock for the record, monotonic clock for durations. */
export interface ChaosClock {
  now(): Date;
  monotonicMs(): number;
}

/** The machine's clocks. The monotonic one is the machine's own, so its values compare between processes. */
export const systemClock: ChaosClock = {
  now: () => new Date(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
};
