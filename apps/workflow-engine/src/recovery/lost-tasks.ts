import { setTimeout as delay } from "node:timers/promises";
import type { TaskKey } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { Dispatch, WorkflowStateManager } from "../advancing/workflow-state-manager.js";

/** Tasks that one transaction dispatches anew. */
const PAGE_SIZE = 2_000;
/** Pages that may be on their way to Redis while PostgreSQL works at the next; so much is in memory at most. */
const PAGES_AT_ONCE = 3;

/**
 * Dispatches again what was lost with Redis, page by page, PostgreSQL and Redis at work at the same time, and no faster than
 * agreed. Whatever goes wrong, starting over is harmless: a task is given a new attempt once for each loss, and the sweeper
 * finds what was committed and not published.
 */
export class LostTasks {
  /** @param perSecond most tasks in a second. */
  constructor(
    private readonly state: Pick<WorkflowStateManager, "redispatchLost">,
    private readonly executor: Pick<TaskBatchExecutor, "publish">,
    private readonly perSecond: number,
    private readonly clock = { now: () => performance.now(), pause: (ms: number): Promise<unknown> => delay(ms) },
  ) {}

  /** @returns how many there were. */
  async redispatch(): Promise<number> {
    const { now, pause } = this.clock;
    const startMs = now();
    const publishing = new Set<Promise<void>>();
    let count = 0;
    let after: TaskKey | null = null;
    do {
      const page: Awaited<ReturnType<WorkflowStateManager["redispatchLost"]>> = await this.state.redispatchLost(
        after,
        PAGE_SIZE,
      );
      count += page.dispatched.length;
      after = page.next;
      if (page.dispatched.length > 0) crashPoint("redispatch.committed");
      this.publish(page, publishing);
      if (publishing.size >= PAGES_AT_ONCE) await Promise.race(publishing);
      const earlyMs = (count * 1_000) / this.perSecond - (now() - startMs);
      if (earlyMs > 0) await pause(earlyMs);
    } while (after !== null);
    await Promise.all(publishing);
    if (count > 0) crashPoint("redispatch.published");
    return count;
  }

  private publish({ dispatched, askedAtMs }: Dispatch, publishing: Set<Promise<void>>): void {
    if (dispatched.length === 0) return;
    const published = this.executor.publish({ dispatched, askedAtMs }).then(() => void publishing.delete(published));
    published.catch(() => undefined); // told by whoever waits for it; the others are not waited for then
    publishing.add(published);
  }
}
