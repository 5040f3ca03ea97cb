import { taskKeyOf, type HiveEvent } from "@agent-hive/contracts";
import type { DispatchedTask, TaskAttempt, WorkflowStore } from "@agent-hive/persistence";
import type { HiveMember, PublishReport, RedisStreamsManager, SettledTask, SourceEntries } from "@agent-hive/streams";
import { count, wallClockMs } from "@agent-hive/telemetry";
import { writeDispatchSpans } from "../tracing/message-spans.js";
import { countByType, type GroupWindows } from "./group-windows.js";
import { taskEntryOf } from "./task-message.js";

/** What a committed transaction has for Redis. */
export interface Publication {
  /** In the order of their priority: so they were dispatched, and so they are published. */
  dispatched?: DispatchedTask[];
  /** When the transaction was asked for that dispatched them, on the clock of `performance.now()`; absent: they are as they are now. */
  askedAtMs?: number;
  settled?: TaskAttempt[];
  /** What was dispatched was published before, and got lost. */
  again?: boolean;
  /** What onlookers are told, made only if there are any. */
  events?: () => HiveEvent[];
}

/**
 * A publication that comes later than this after its transaction was asked for may have been overtaken: from a second on the
 * sweeper publishes what is missing, and an engine that stood still meanwhile would publish once more what is over.
 */
const OVERTAKEN_AFTER_MS = 800;

/**
 * Publishes what transactions dispatched. It comes after the commit, and acknowledges the input last (keeps I6): dying
 * in between repeats work and loses none, since publishing a task twice is one entry.
 */
export class TaskBatchExecutor {
  constructor(
    private readonly manager: Pick<RedisStreamsManager, "publishAndAcknowledge" | "hasOnlookers">,
    private readonly member: Pick<HiveMember, "identity">,
    private readonly windows: Pick<GroupWindows, "observe" | "release">,
    private readonly store: Pick<WorkflowStore, "whileDispatched">,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param source input that is acknowledged with it. If another engine owns it by now, nothing of it is acknowledged.
   * @throws what the manager throws; the caller's input stays pending then, and tasks without one are found by the sweeper.
   */
  async publish(publication: Publication, source?: SourceEntries): Promise<PublishReport> {
    const { dispatched = [] } = publication;
    try {
      if (!this.mayBeOvertaken(publication)) return await this.send(publication, source);
      return await this.store.whileDispatched(dispatched, (still) =>
        this.send({ ...publication, dispatched: still }, source),
      );
    } finally {
      this.windows.release(dispatched);
    }
  }

  private mayBeOvertaken({ dispatched = [], askedAtMs = Infinity }: Publication): boolean {
    return dispatched.length > 0 && this.now() - askedAtMs >= OVERTAKEN_AFTER_MS;
  }

  private async send(
    { dispatched = [], again = false, settled = [], events }: Publication,
    source?: SourceEntries,
  ): Promise<PublishReport> {
    const tasks = dispatched.map((task) => taskEntryOf(task, again));
    const startMs = wallClockMs();
    const report = await this.manager.publishAndAcknowledge(this.member.identity, {
      ...(source === undefined ? {} : { source }),
      settled: settled.map(settledTask),
      tasks,
      events: events && this.manager.hasOnlookers ? events() : [],
    });
    this.windows.observe(report.inFlight);
    for (const [agentType, by] of Object.entries(countByType(dispatched))) {
      count("hive_tasks_dispatched_total", { agent_type: agentType }, by);
    }
    writeDispatchSpans(dispatched, tasks, { startMs, again });
    return report;
  }
}

const settledTask = ({ agentType, workflowId, position, attempt }: TaskAttempt): SettledTask => ({
  agentType,
  taskKey: taskKeyOf(workflowId, position),
  attempt,
});
