import { setTimeout as delay } from "node:timers/promises";
import { AgentCrashSimulator, ChaosError, GroupAgentDirectory, seededRandom, type ActRecord } from "@agent-hive/chaos";
import type { HiveClient, ValidatorClient } from "@agent-hive/client";
import type { GroupView } from "@agent-hive/contracts";
import type { HiveLauncher } from "@agent-hive/launcher";

/** Kills agents that hold work, and tells the validator of it. */
export class AgentKiller {
  private readonly simulator: AgentCrashSimulator;
  private readonly random: () => number;

  constructor(
    private readonly client: HiveClient,
    private readonly validator: ValidatorClient,
    { supervisor }: HiveLauncher,
    seed: number,
  ) {
    const directory = new GroupAgentDirectory(
      () => client.groups(),
      (agentId) => supervisor.start(agentId),
    );
    this.simulator = new AgentCrashSimulator({ enabled: true, directory });
    this.random = seededRandom(seed);
  }

  /**
   * Kills one now: of a group that is whole, so that another one can go on with what it held.
   *
   * @returns undefined if there is no such group, or the chosen one has gone meanwhile.
   */
  async killOne(runId: string): Promise<ActRecord | undefined> {
    const groups = (await this.client.groups()).filter(({ consumers }) => consumers.length > 1);
    const group = this.oneOf(groups);
    if (group === undefined) return undefined;
    const record = await this.simulator
      .crashAgent(this.oneOf(group.consumers)!.agentId, group.group)
      .catch((error: unknown) => {
        if (error instanceof ChaosError) return undefined;
        throw error;
      });
    if (record === undefined) return undefined;
    await this.validator.noteActs(runId, [toAct(record, group)]);
    return record;
  }

  /** Kills one after each pause until the signal is aborted, telling of each. */
  async killEvery(ms: number, runId: string, signal: AbortSignal, onKill: (record: ActRecord) => void): Promise<void> {
    for (;;) {
      await delay(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const record = await this.killOne(runId);
      if (record) onKill(record);
    }
  }

  stop(): Promise<void> {
    return this.simulator.stop();
  }

  private oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.random() * choices.length)];
  }
}

/** What it held is left to the history to tell. */
function toAct({ agentId, incarnation, at }: ActRecord, { group, agentType }: GroupView) {
  const who = { agentId, incarnation: incarnation ?? "", agentType, group };
  return { kind: "crash" as const, ...who, atMs: Date.parse(at), held: [] };
}
