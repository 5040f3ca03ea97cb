import type { StreamEntry } from "@agent-hive/contracts";
import type { ConnectionIdentity, RedisConnection } from "./redis-connection.js";
import { toStreamEntries, type RawEntry } from "./replies.js";
import type { GroupAddress } from "./types.js";

/** A blocked read that is this late has lost its connection without noticing. */
export const LATE_MS = 500;
/** Entries of the own pending list that are read at once. */
const OWN_PAGE = 100;

/** The reads of one consumer group, on a connection of their own. */
export class GroupReader {
  private previous: ConnectionIdentity | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly address: GroupAddress,
  ) {
    connection.on("down", (identity) => (this.previous = identity));
  }

  /** Makes sure that the connection before this one takes no more: half-open, its blocked read would, unseen. */
  async closePrevious(): Promise<void> {
    const { identity } = this.connection;
    const { previous } = this;
    if (previous && previous.runId === identity?.runId) {
      await this.connection.call("CLIENT", ["KILL", "ID", previous.clientId]);
    }
    if (this.previous === previous) this.previous = undefined;
  }

  /** What is new, waiting for it in Redis at most so long. */
  async readNew(consumer: string, count: number, blockMs: number): Promise<StreamEntry[]> {
    return toStreamEntries(await this.read(consumer, ">", count, ["BLOCK", String(blockMs)], blockMs + LATE_MS));
  }

  /** All that is pending for the consumer; what was deleted meanwhile is let go, there is nothing else to do with it. */
  async readOwn(consumer: string): Promise<StreamEntry[]> {
    const own: StreamEntry[] = [];
    const ghosts: string[] = [];
    for (let after = "0-0"; ;) {
      const page = await this.read(consumer, after, OWN_PAGE);
      own.push(...toStreamEntries(page));
      ghosts.push(...page.filter(([, fields]) => fields === null).map(([id]) => id));
      if (page.length < OWN_PAGE) break;
      after = page.at(-1)![0];
    }
    if (ghosts.length > 0) await this.connection.call("XACK", [this.address.stream, this.address.group, ...ghosts]);
    return own;
  }

  private async read(
    consumer: string,
    after: string,
    count: number,
    block: string[] = [],
    deadlineMs?: number,
  ): Promise<RawEntry[]> {
    const { stream, group } = this.address;
    const args = ["GROUP", group, consumer, "COUNT", String(count), ...block, "STREAMS", stream, after];
    const reply = (await this.connection.call("XREADGROUP", args, deadlineMs)) as [string, RawEntry[]][] | null;
    return reply?.[0]?.[1] ?? [];
  }
}
