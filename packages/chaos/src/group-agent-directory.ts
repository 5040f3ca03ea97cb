import type { GroupView } from "@agent-hive/contracts";
import type { AgentDirectory, AgentProcess } from "./ports.js";

/** Finds agents where the group coordinator lists them. */
export class GroupAgentDirectory implements AgentDirectory {
  /**
   * @param groups the groups with their consumers, as the coordinator's API gives them.
   * @param revive starts a crashed agent's process again.
   */
  constructor(
    private readonly groups: () => Promise<GroupView[]>,
    readonly revive: (agentId: string) => Promise<void>,
  ) {}

  async find(agentId: string, group: string): Promise<AgentProcess | undefined> {
    const found = (await this.groups()).find((each) => each.group === group);
    return found?.consumers.find((consumer) => consumer.agentId === agentId);
  }
}
