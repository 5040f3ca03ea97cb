/** What main thread and heartbeat thread say to each other. */
import type { ConnectionIdentity } from "./redis-connection.js";

/** A task that is running. */
export interface RunningTask {
  entryId: string;
  taskKey: string;
  attempt: number;
  timeoutMs: number;
}

/** Given to the thread when it starts. Key names come ready-made, so that the thread loads no schemas. */
export interface HeartbeatSetting {
  url: string;
  name: string;
  commandTimeoutMs: number | undefined;
  heartbeatMs: number;
  /** One 32-bit counter that the main loop turns. */
  mainLoop: SharedArrayBuffer;
  /** What runs: see `shared-tasks.ts`. */
  tasks: SharedArrayBuffer;
  keys: { epoch: string; dead: string; incarnations: string; heartbeats: string; onlookers: string };
}

/** Beat for this incarnation from now on. */
export interface ToHeartbeat {
  incarnation: string;
  abandonedKey: string;
}

export type FromHeartbeat =
  | { type: "up"; identity: ConnectionIdentity }
  | { type: "down"; identity: ConnectionIdentity }
  | {
      type: "beat";
      incarnation: string;
      status: "OK" | "UNKNOWN" | "DEAD";
      epoch: string;
      abandoned: number;
      hasOnlookers: boolean;
    };
