/** What an observer of processes sees in one look, and what it concludes. */

/** One process as the registry and its heartbeats describe it. */
export interface ObservedIncarnation {
  readonly id: string;
  /** Ids of its registered connections; they mean something only together with `runId`. */
  readonly connections: readonly string[];
  /** The `run_id` of the Redis server that the connections were registered with. */
  readonly runId: string;
  /** Counted by its heartbeat thread. */
  readonly heartbeatCounter: number;
  /** Counted by its main loop, reported by the heartbeat thread. */
  readonly mainLoopCounter: number;
  /** Whether it has said that it is leaving: connections that go then are no crash. */
  readonly saidGoodbye: boolean;
}

/** One successful look. */
export interface Observation {
  /** When, on the observer's own monotonic clock, in milliseconds. */
  readonly nowMs: number;
  /** The `run_id` of the Redis server that answered. */
  readonly runId: string;
  /** The observer's own heartbeat counter, as the store has it; undefined for an observer without a heartbeat. */
  readonly ownHeartbeatCounter?: number;
  /** Ids of the registered connections that exist at this moment. */
  readonly presentConnections: ReadonlySet<string>;
  /** All that are registered and not declared dead. */
  readonly incarnations: readonly ObservedIncarnation[];
}

/** A conclusion about one incarnation, with what it rests on. */
export type LivenessVerdict =
  /** All its connections went in one look, without a goodbye. */
  | {
      readonly incarnation: string;
      readonly verdict: "crashed";
      readonly evidence: {
        readonly connectionsGone: readonly string[];
        readonly others: number;
        readonly othersPresent: number;
      };
    }
  /** Its heartbeats stopped: frozen, cut off, or its machine is gone. */
  | { readonly incarnation: string; readonly verdict: "frozen"; readonly evidence: Standstill }
  /** Its heartbeats go on, its main loop does not. Not dead: its task's timeout ends this. */
  | { readonly incarnation: string; readonly verdict: "wedged"; readonly evidence: Standstill };

/** A counter that did not move. */
export interface Standstill {
  /** The value it stood at. */
  readonly counter: number;
  /** How long, on the observer's clock. */
  readonly unchangedMs: number;
  /** How many successful looks found it unchanged. */
  readonly looks: number;
}
