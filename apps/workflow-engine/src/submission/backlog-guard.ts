import type { WorkflowStore } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";

const RETRY_AFTER_SECONDS = 2;

/** Refuses submissions while more ready tasks wait in PostgreSQL than agreed (keeps I9). */
export class BacklogGuard {
  private waiting = 0;

  /** @param limit ready tasks that may wait. */
  constructor(
    private readonly store: Pick<WorkflowStore, "readyBacklog">,
    private readonly limit: number,
  ) {}

  /** Looks how many tasks wait. @returns that number. */
  async runOnce(): Promise<number> {
    const backlog = await this.store.readyBacklog();
    this.waiting = Object.values(backlog).reduce((sum, count) => sum + count, 0);
    return this.waiting;
  }

  /** @throws ProblemError `BACKLOG_FULL`. */
  check(): void {
    if (this.waiting <= this.limit) return;
    const detail = `${this.waiting} tasks are ready and wait for agents; no more is accepted above ${this.limit}. Try again later.`;
    throw new ProblemError("BACKLOG_FULL", detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
