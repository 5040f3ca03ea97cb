/** Names of consumer groups that are not an agent type's. */
export const ROUTERS_GROUP = "routers";
export const ENGINES_GROUP = "workflow_engines";

/** Every name under which Agent Hive keeps anything in Redis, from one place. */
export interface Keys {
  /** What all names start with: "" by default, a test's own prefix, or a Cluster tag such as `{s3}:`. */
  readonly prefix: string;
  readonly epoch: string;
  readonly dead: string;
  readonly verdicts: string;
  readonly incarnations: string;
  readonly heartbeats: string;
  readonly groupStatus: string;
  readonly term: string;
  readonly control: string;
  readonly dispatch: string;
  readonly results: string;
  readonly events: string;
  /** There while somebody follows the events. */
  readonly onlookers: string;
  /** Order id → order to stop at a moment of a task (`MomentOrder`). Empty unless crashes are simulated. */
  readonly chaosOrders: string;
  /** Ids of orders at which an agent stands still. */
  readonly chaosHeld: string;
  /** The stream with that name of the agent types' configuration, e.g. `agent_messages:backend`. */
  stream(name: string): string;
  /** Consumers declared dead that may still have pending entries in the group. */
  abandoned(group: string): string;
  /** Entry id → who started it, since when, and whether alone. */
  started(group: string): string;
  /** Task key → attempt in flight (`3`), or its result already waits for the engine (`3:done`). */
  inFlight(agentType: string): string;
  crashes(agentType: string): string;
  checkpoints(agentType: string): string;
}

/** The streams between router, engine and agents that every hive has once, without a prefix. */
export const STREAMS = { dispatch: "workflow:dispatch", results: "workflow:results" } as const;

/**
 * Builds the names of all keys.
 *
 * @param prefix put before every name. On a Redis Cluster it is the shard's hash tag, so that all keys that one script
 *   touches share a slot.
 */
export function createKeys(prefix = ""): Keys {
  const named = (name: string): string => `${prefix}${name}`;
  return {
    prefix,
    epoch: named("hive:epoch"),
    dead: named("hive:dead"),
    verdicts: named("hive:verdicts"),
    incarnations: named("hive:incarnations"),
    heartbeats: named("hive:heartbeats"),
    groupStatus: named("hive:groups"),
    term: named("hive:term"),
    control: named("hive:control"),
    dispatch: named(STREAMS.dispatch),
    results: named(STREAMS.results),
    events: named("workflow:events"),
    onlookers: named("hive:onlookers"),
    chaosOrders: named("hive:chaos:orders"),
    chaosHeld: named("hive:chaos:held"),
    stream: named,
    abandoned: (group) => named(`hive:abandoned:${group}`),
    started: (group) => named(`hive:started:${group}`),
    inFlight: (agentType) => named(`hive:in_flight:${agentType}`),
    crashes: (agentType) => named(`hive:crashes:${agentType}`),
    checkpoints: (agentType) => named(`hive:checkpoints:${agentType}`),
  };
}

/** A task's name in Redis: its workflow and its position in the order in which the tasks were submitted, from 0. */
export function taskKeyOf(workflowId: string, position: number): string {
  return `${workflowId}:${position}`;
}

/**
 * Takes a task key apart.
 *
 * @returns undefined if the text is no task key.
 */
export function parseTaskKey(taskKey: string): { workflowId: string; position: number } | undefined {
  const match = /^([0-9a-f-]{36}):(\d{1,9})$/.exec(taskKey);
  return match ? { workflowId: match[1]!, position: Number(match[2]) } : undefined;
}

/** What an in-flight index says of a task. */
export interface InFlightState {
  attempt: number;
  /** The attempt's result is in the results stream; the engine has not settled it yet. */
  done: boolean;
}

/** @returns undefined if the value was not written by our scripts. */
export function parseInFlight(value: string): InFlightState | undefined {
  const match = /^(\d+)(:done)?$/.exec(value);
  return match ? { attempt: Number(match[1]), done: match[2] !== undefined } : undefined;
}
