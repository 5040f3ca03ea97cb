import { taskKeyOf } from "@agent-hive/contracts";
import type { TaskAttempt, TaskKey, WorkflowStore } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import type { HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { GroupWindows } from "../advancing/group-windows.js";
import { decideDrops, decideRepublish } from "./decide-sweep.js";

/** A task that was dispatched longer ago than this has had its time to be published. */
const SETTLED_AFTER_MS = 1000;
/** Tasks that are looked at together. */
const PAGE_SIZE = 2_000;
/** Tasks that are published again together: their inputs are in memory meanwhile. */
const REPUBLISHED_AT_ONCE = 200;

/** What one sweep mended. */
export interface Swept {
  republished: number;
  dropped: number;
}

/**
 * Compares PostgreSQL and the in-flight indexes both ways. It repairs what a death between commit and publish left
 * behind (published again at the same attempt, keeps I1), and what settled tasks left in the index (dropped, keeps I9).
 */
export class InFlightSweeper {
  constructor(
    private readonly store: Pick<WorkflowStore, "dispatchedPage" | "whileDispatched" | "statesOf">,
    private readonly manager: Pick<RedisStreamsManager, "inFlightPage" | "dropInFlight">,
    private readonly member: Pick<HiveMember, "identity">,
    private readonly executor: TaskBatchExecutor,
    private readonly windows: GroupWindows,
  ) {}

  async runOnce(): Promise<Swept> {
    const index = new Map<string, string>();
    let dropped = 0;
    for (const agentType of this.windows.agentTypes) dropped += await this.sweepIndex(agentType, index);
    return { dropped, republished: await this.sweepTasks(index) };
  }

  /** Drops fields of tasks that are over, and collects what the index has. */
  private async sweepIndex(agentType: string, index: Map<string, string>): Promise<number> {
    let dropped = 0;
    let cursor = "0";
    do {
      const page = await this.manager.inFlightPage(agentType, cursor);
      cursor = page.cursor;
      for (const { taskKey, value } of page.fields) index.set(taskKey, value);
      if (page.fields.length === 0) continue;
      // Read after the index: PostgreSQL is never behind what was published from it.
      const drops = decideDrops(page.fields, await this.store.statesOf(page.fields.map((field) => field.taskKey)));
      if (drops.length === 0) continue;
      dropped += await this.manager.dropInFlight(this.member.identity, agentType, drops);
      crashPoint("sweep.dropped");
    } while (cursor !== "0");
    return dropped;
  }

  private async sweepTasks(index: ReadonlyMap<string, string>): Promise<number> {
    let republished = 0;
    let after: TaskKey | null = null;
    do {
      const page: { tasks: TaskAttempt[]; next: TaskKey | null } = await this.store.dispatchedPage(
        after,
        PAGE_SIZE,
        SETTLED_AFTER_MS,
      );
      after = page.next;
      const missing = decideRepublish(page.tasks, (task) => index.get(taskKeyOf(task.workflowId, task.position)));
      republished += await this.republish(missing);
    } while (after !== null);
    return republished;
  }

  private async republish(missing: readonly TaskAttempt[]): Promise<number> {
    let republished = 0;
    for (let start = 0; start < missing.length; start += REPUBLISHED_AT_ONCE) {
      const some = missing.slice(start, start + REPUBLISHED_AT_ONCE);
      republished += await this.store.whileDispatched(some, async (dispatched) => {
        this.windows.grant(dispatched);
        crashPoint("sweep.found");
        return (await this.executor.publish({ dispatched, again: true })).published;
      });
      crashPoint("sweep.published");
    }
    return republished;
  }
}
