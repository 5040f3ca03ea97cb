import type { FinishedWorkflow, WorkflowRecord } from "@agent-hive/persistence";
import { tracing, type Logger } from "@agent-hive/telemetry";
import { spansOf, type GroupOf } from "./workflow-spans.js";

/** Workflows that are read together. */
const AT_ONCE = 50;
/** Beyond these, workflows are left without their own spans: what is traced must not fill the memory. */
const MOST_WAITING = 20_000;

/**
 * Writes the spans of workflows that ended, and of their tasks, from what PostgreSQL has recorded. It comes after the fact
 * and waits for nobody: a store that is away, or more workflows than can be read, costs spans and no work.
 */
export class WorkflowTraces {
  private readonly waiting: string[] = [];
  private writing: Promise<void> | undefined;

  constructor(
    private readonly read: (ids: string[]) => Promise<WorkflowRecord[]>,
    private readonly groupOf: GroupOf,
    private readonly logger: Logger,
  ) {}

  /** These have just ended. */
  ended(workflows: readonly FinishedWorkflow[]): void {
    if (!tracing) return;
    const room = MOST_WAITING - this.waiting.length;
    if (workflows.length > room) this.logger.warn("more workflows end than traces can be written of");
    for (const { id } of workflows.slice(0, Math.max(0, room))) this.waiting.push(id);
    this.writing ??= this.write().finally(() => (this.writing = undefined));
  }

  /** Resolves once all that ended have their spans. */
  async drained(): Promise<void> {
    await this.writing;
  }

  private async write(): Promise<void> {
    // Those that end in this turn, and while others are read, go together.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const ids = this.waiting.splice(0, AT_ONCE);
      try {
        const spans = (await this.read(ids)).flatMap((workflow) => spansOf(workflow, this.groupOf));
        for (const span of spans) tracing?.write(span);
      } catch (error) {
        this.logger.warn("workflows ended without their own spans", { count: ids.length, err: error });
      }
    }
  }
}
