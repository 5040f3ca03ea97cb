import type { WorkflowStore } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";

const RETRY_AFTER_SECONDS = 2;

/** Refuses submissions while more ready tasks wait in PostgreSQL than agreed (keeps I9). */
export class BacklogGuard {
  private ready = 0;

  /** @param limit ready tasks that may wait. */
  constructor(
    private readonly store: Pick<WorkflowStore, "readyBacklog">,
    private readonly limit: number,
  ) {}

  /** Ready tasks that waited at the last look. */
  get waiting(): number {
    return this.ready;
  }

  /** Looks how many tasks wait. @returns that number. */
  async runOnce(): Promise<number> {
    const backlog = await this.store.readyBacklog();
    this.ready = Object.values(backlog).reduce((sum, count) => sum + count, 0);
    return this.ready;
  }

  /** @throws ProblemError `BACKLOG_FULL`. */
  check(): void {
    if (this.ready <= this.limit) return;
    const detail = `${this.ready} tasks are ready and wait for agents; no more is accepted above ${this.limit}. Try again later.`;
    throw new ProblemError("BACKLOG_FULL", detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
