import { BaseRpcContext } from "@nestjs/microservices";
import type { HiveMember } from "../hive-member.js";
import type { RedisStreamsManager } from "../redis-streams-manager.js";
import type { GroupAddress } from "../types.js";

/** What a handler of a batch is told besides the entries. */
export class RedisStreamsContext extends BaseRpcContext<[RedisStreamsManager, HiveMember, GroupAddress]> {
  private readonly done = new Set<string>();

  get manager(): RedisStreamsManager {
    return this.args[0];
  }

  get member(): HiveMember {
    return this.args[1];
  }

  /** Stream (its name in Redis) and group that the batch comes from. */
  get address(): GroupAddress {
    return this.args[2];
  }

  /** Tells that a script of the handler's own has acknowledged these entries, or found them lost. */
  settled(ids: Iterable<string>): void {
    for (const id of ids) this.done.add(id);
  }

  /** Acknowledges and deletes entries before the handler ends; those of another owner by now are left alone. */
  async acknowledge(ids: string[]): Promise<void> {
    await this.manager.acknowledge(this.member.identity, { ...this.address, ids });
    this.settled(ids);
  }

  /** Which of the entries nobody has settled yet. */
  open(ids: readonly string[]): string[] {
    return ids.filter((id) => !this.done.has(id));
  }
}
