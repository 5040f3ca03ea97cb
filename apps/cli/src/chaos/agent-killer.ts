import { setTimeout as delay } from "node:timers/promises";
import {
  AgentCrashSimulator,
  ChaosError,
  GroupAgentDirectory,
  seededRandom,
  type ActRecord,
  type Hand,
} from "@agent-hive/chaos";
import type { HiveClient } from "@agent-hive/client";

/** Whom it kills, and how. */
export interface AgentKillerOptions {
  /** The same seed makes the same choices among the same agents. */
  seed: number;
  /** Default: by signals, on this machine. */
  hand?: Hand;
}

/** One agent that was killed. */
export interface Kill extends ActRecord {
  agentType: string;
}

/** Kills agents of groups that are whole, so that others can go on with what they held. Whoever runs them starts them again. */
export class AgentKiller {
  private readonly simulator: AgentCrashSimulator;
  private readonly random: () => number;

  constructor(
    private readonly client: Pick<HiveClient, "groups">,
    { seed, hand }: AgentKillerOptions,
  ) {
    const directory = new GroupAgentDirectory(
      () => client.groups(),
      async () => undefined,
    );
    this.simulator = new AgentCrashSimulator({ enabled: true, directory, hand });
    this.random = seededRandom(seed);
  }

  /** @returns undefined if no group has two agents, or the chosen one has gone meanwhile. */
  async killOne(): Promise<Kill | undefined> {
    const groups = (await this.client.groups()).filter(({ consumers }) => consumers.length > 1);
    const group = this.oneOf(groups);
    if (group === undefined) return undefined;
    const record = await this.simulator
      .crashAgent(this.oneOf(group.consumers)!.agentId, group.group)
      .catch((error: unknown) => {
        if (error instanceof ChaosError) return undefined;
        throw error;
      });
    return record && { ...record, agentType: group.agentType };
  }

  /**
   * Kills one after each pause until the signal is aborted.
   *
   * @param onKill told of each; undefined if nobody could be killed that time.
   */
  async killEvery(
    ms: number,
    signal: AbortSignal,
    onKill: (kill: Kill | undefined) => void | Promise<void>,
  ): Promise<void> {
    for (;;) {
      await delay(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await onKill(await this.killOne());
    }
  }

  stop(): Promise<void> {
    return this.simulator.stop();
  }

  private oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.random() * choices.length)];
  }
}
