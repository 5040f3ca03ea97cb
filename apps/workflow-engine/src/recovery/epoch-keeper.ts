import type { EpochStore } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { decideEpoch } from "./decide-epoch.js";
import type { LostTasks } from "./lost-tasks.js";
import type { WorkGroup } from "./work-groups.js";

/** Other engines may move the epoch at the same time; after so many turns it is left to the next run. */
const MOST_TURNS = 10;

/** What one run found and did. */
export interface EpochKept {
  epoch: string;
  /** Redis had another epoch than this engine knew. */
  changed: boolean;
  /** Tasks that were given a new attempt, since their messages were lost. */
  redispatched: number;
}

/**
 * Keeps Redis and PostgreSQL in the same epoch. If Redis has lost its data, one engine wins the next epoch in PostgreSQL,
 * groups are made anew from the start of their streams, and what was dispatched before is dispatched again, uncharged.
 */
export class EpochKeeper {
  /** Until it is known that nothing from before the epoch is left, e.g. by an engine that died at it. */
  private mayHaveLost = true;

  constructor(
    private readonly epochs: EpochStore,
    private readonly lost: LostTasks,
    private readonly manager: RedisStreamsManager,
    private readonly groups: readonly WorkGroup[],
    private readonly logger: Logger,
  ) {}

  /** Whether tasks of earlier epochs may be left that were not dispatched again yet. */
  get isBehind(): boolean {
    return this.mayHaveLost;
  }

  /** A new epoch began: the next run looks for tasks of earlier ones. */
  expectLoss(): void {
    this.mayHaveLost = true;
  }

  /**
   * Makes sure that Redis carries PostgreSQL's epoch and that all groups exist. Publishes nothing, so it may come before
   * there is a member.
   *
   * @returns whether Redis is at another epoch than the one known before.
   */
  async establish(): Promise<boolean> {
    const known = this.manager.epoch;
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const stored = await this.epochs.read();
      const redis = await this.manager.readEpoch();
      const decision = decideEpoch(stored, redis);
      if (decision === "same") {
        if (!stored.isWritten) await this.epochs.confirm(stored.epoch);
        this.manager.adoptEpoch(redis!);
        await this.ensureGroups();
        this.mayHaveLost ||= redis !== known;
        return redis !== known;
      }
      await this.write(decision === "advance" ? await this.advance(stored.epoch) : stored.epoch, redis);
    }
    throw new Error(`The epoch was moved by others ${MOST_TURNS} times in a row.`);
  }

  async runOnce(): Promise<EpochKept> {
    const redis = await this.manager.readEpoch();
    const changed = redis !== this.manager.epoch ? await this.establish() : false;
    const redispatched = this.mayHaveLost ? await this.redispatch() : 0;
    return { epoch: this.manager.epoch, changed, redispatched };
  }

  /** Someone else was quicker: the epoch is theirs. */
  private async advance(from: bigint): Promise<bigint> {
    const won = await this.epochs.advance(from);
    if (won !== null) crashPoint("epoch.advanced");
    return won ?? (await this.epochs.read()).epoch;
  }

  private async write(next: bigint, redis: string | null): Promise<void> {
    // Groups come before the epoch, so that whoever sees it finds them.
    await this.ensureGroups();
    crashPoint("groups.recreated");
    if (!(await this.manager.writeEpoch(String(next), redis))) return;
    crashPoint("epoch.written");
    this.logger.warn("a new epoch began: Redis was new, or had lost its data", { epoch: String(next), before: redis });
    await this.manager.publishControl({ type: "epoch", epoch: String(next) });
    crashPoint("epoch.announced");
  }

  private async ensureGroups(): Promise<void> {
    await Promise.all(this.groups.map(({ at, lost }) => this.manager.ensureGroup(at, lost)));
  }

  private async redispatch(): Promise<number> {
    const redispatched = await this.lost.redispatch();
    this.mayHaveLost = false;
    if (redispatched > 0)
      this.logger.warn("tasks whose messages were lost were dispatched again", { count: redispatched });
    return redispatched;
  }
}
