import { taskKeyOf } from "@agent-hive/contracts";
import type { FinishedWorkflow, TaskRecord, WorkflowRecord, WorkflowRecords } from "@agent-hive/persistence";
import { isSampled, tracing, type Logger, type SpanFacts } from "@agent-hive/telemetry";
import { attemptSpan, taskSpan, workflowSpan, type GroupOf } from "./workflow-spans.js";

/** Workflows that are looked up together. */
const AT_ONCE = 50;
/** Tasks that are in memory at once; larger workflows are read in pages. */
const PAGE_TASKS = 2_000;
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
    private readonly records: Pick<WorkflowRecords, "ended" | "tasks" | "attempts">,
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
        for (const few of grouped(await this.records.ended(ids))) await this.writeTogether(few);
      } catch (error) {
        this.logger.warn("workflows ended without their own spans", { count: ids.length, err: error });
      }
    }
  }

  private async writeTogether(workflows: readonly WorkflowRecord[]): Promise<void> {
    const byId = new Map(workflows.map((workflow) => [workflow.id, workflow]));
    const unsampled = workflows.filter(({ traceparent }) => !isSampled(traceparent)).map(({ id }) => id);
    write(workflows.map(workflowSpan));
    const largest = Math.max(...workflows.map(({ total }) => total));
    for (let from = 0; from < largest; from += PAGE_TASKS) {
      const tasks = await this.records.tasks([...byId.keys()], from, from + PAGE_TASKS);
      write(tasks.map((task) => taskSpan(byId.get(task.workflowId)!, task)));
      if (unsampled.length > 0) write(await this.attemptSpans(unsampled, byId, tasks, from));
      // A page at a time: whatever does not fit into what waits to be sent would be dropped.
      if (largest > PAGE_TASKS) await tracing?.flush();
    }
  }

  private async attemptSpans(
    ids: readonly string[],
    workflows: ReadonlyMap<string, WorkflowRecord>,
    tasks: readonly TaskRecord[],
    from: number,
  ): Promise<SpanFacts[]> {
    const byKey = new Map(tasks.map((task) => [taskKeyOf(task.workflowId, task.position), task]));
    const attempts = await this.records.attempts(ids, from, from + PAGE_TASKS);
    return attempts.flatMap((attempt) => {
      const task = byKey.get(taskKeyOf(attempt.workflowId, attempt.position));
      return (task && attemptSpan(workflows.get(attempt.workflowId)!, task, attempt, this.groupOf)) ?? [];
    });
  }
}

function write(spans: readonly SpanFacts[]): void {
  for (const span of spans) tracing?.write(span);
}

/** Workflows that have as many tasks together as one page holds, or one that has more. */
function grouped(workflows: readonly WorkflowRecord[]): WorkflowRecord[][] {
  const groups: WorkflowRecord[][] = [];
  let room = 0;
  for (const workflow of workflows) {
    if (workflow.total > room) {
      groups.push([]);
      room = PAGE_TASKS;
    }
    groups.at(-1)!.push(workflow);
    room -= workflow.total;
  }
  return groups;
}
