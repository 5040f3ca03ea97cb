import { taskKeyOf, type HiveEvent } from "@agent-hive/contracts";
import type { DispatchedTask, TaskAttempt } from "@agent-hive/persistence";
import type { HiveMember, PublishReport, RedisStreamsManager, SettledTask, SourceEntries } from "@agent-hive/streams";
import type { GroupWindows } from "./group-windows.js";
import { taskEntryOf } from "./task-message.js";

/** What a committed transaction has for Redis. */
export interface Publication {
  /** In the order of their priority: so they were dispatched, and so they are published. */
  dispatched?: DispatchedTask[];
  settled?: TaskAttempt[];
  /** What onlookers are told, made only if there are any. */
  events?: () => HiveEvent[];
}

/**
 * Publishes what transactions dispatched. It comes after the commit, and acknowledges the input last (keeps I6): dying
 * in between repeats work and loses none, since publishing a task twice is one entry.
 */
export class TaskBatchExecutor {
  constructor(
    private readonly manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly windows: GroupWindows,
  ) {}

  /**
   * @param source input that is acknowledged with it. If another engine owns it by now, nothing of it is acknowledged.
   * @throws what the manager throws; the caller's input stays pending then, and tasks without one are found by the sweeper.
   */
  async publish(
    { dispatched = [], settled = [], events }: Publication,
    source?: SourceEntries,
  ): Promise<PublishReport> {
    try {
      const report = await this.manager.publishAndAcknowledge(this.member.identity, {
        ...(source === undefined ? {} : { source }),
        settled: settled.map(settledTask),
        tasks: dispatched.map(taskEntryOf),
        events: events && this.manager.hasOnlookers ? events() : [],
      });
      this.windows.observe(report.inFlight);
      return report;
    } finally {
      this.windows.release(dispatched);
    }
  }
}

const settledTask = ({ agentType, workflowId, position, attempt }: TaskAttempt): SettledTask => ({
  agentType,
  taskKey: taskKeyOf(workflowId, position),
  attempt,
});
