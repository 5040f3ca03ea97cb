import type { Hand } from "@agent-hive/chaos";

/** The hive that is demonstrated, however its processes run. */
export interface DemonstratedHive {
  readonly engineUrl: string;
  readonly coordinatorUrl: string;
  readonly validatorUrl: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Sent to its services, if they ask for one. */
  readonly apiKey?: string;
  /** Of its services. */
  readonly processes: number;
  /** Reaches its agents. */
  readonly hand: Hand;
  /** Starts a killed agent again, if nobody else does. */
  revive(agentId: string): Promise<void>;
  /** Told of what services log, line by line. */
  onLine(listener: (name: string, line: string) => void): void;
  stop(): Promise<void>;
}
