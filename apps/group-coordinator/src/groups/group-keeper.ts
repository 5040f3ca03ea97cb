import type { HiveEvent } from "@agent-hive/contracts";
import { crashPoint } from "@agent-hive/proof";
import type { GroupInfo, RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import type { PlannedGroup } from "./planned-groups.js";

/** What the keeper needs of Redis. */
export type KeeperStreams = Pick<RedisStreamsManager, "ensureGroup" | "groupInfo" | "publishEvents">;

/** Keeps the groups of the plan in being: created at the start, and again whenever Redis has lost one. */
export class GroupKeeper {
  constructor(
    private readonly streams: KeeperStreams,
    private readonly groups: readonly PlannedGroup[],
    private readonly logger: Logger,
  ) {}

  /** One look at all groups; returns what each looks like, by group. One that was missing is created, and empty. */
  async runOnce(): Promise<Map<string, GroupInfo>> {
    const looks = this.groups.map(async (group) => {
      const info = await this.streams.groupInfo(group);
      if (!info.exists) await this.create(group);
      return [group.group, info] as const;
    });
    return new Map(await Promise.all(looks));
  }

  private async create(group: PlannedGroup): Promise<void> {
    const { groupCreated } = await this.streams.ensureGroup(group, group.lost);
    if (!groupCreated) return;
    crashPoint("group.created");
    this.logger.info("group created", { group: group.group, stream: group.stream });
    const event: HiveEvent = { type: "group.created", at: new Date().toISOString(), group: group.group };
    await this.streams.publishEvents([event]);
  }
}
