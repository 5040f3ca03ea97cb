import { taskKeyOf, type AgentTypes, type HeldTask } from "@agent-hive/contracts";
import type { OverdueTask, WorkflowStore } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import { decideOverdue } from "./decide-overdue.js";

/** How long after its timeout a task is left to whoever runs it, who enforces it first. */
const GRACE_MS = 5000;
const BATCH_SIZE = 200;

/** What is running, as the heartbeats tell. */
interface Running {
  held: Map<string, HeldTask>;
  /** Held tasks by agent type. */
  counts: Record<string, number>;
}

/** Back-up timeouts, for tasks whose holder can no longer enforce them and for entries that are gone. */
export class OverdueTasks {
  constructor(
    private readonly store: Pick<WorkflowStore, "overdue">,
    private readonly manager: RedisStreamsManager,
    private readonly agentTypes: AgentTypes,
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly logger: Logger,
  ) {}

  async runOnce(): Promise<{ timedOut: number }> {
    const candidates = await this.store.overdue(BATCH_SIZE, GRACE_MS);
    if (candidates.length === 0) return { timedOut: 0 };
    const running = await this.running();
    const overdue: OverdueTask[] = [];
    for (const agentType of new Set(candidates.map((task) => task.agentType))) {
      const ofType = candidates.filter((task) => task.agentType === agentType);
      overdue.push(...(await this.decide(agentType, ofType, running)));
    }
    if (overdue.length === 0) return { timedOut: 0 };
    const advance = await this.state.timeOut(overdue);
    crashPoint("timeout.recorded");
    this.logger.warn("tasks ran out of time and their holders did not say so", { count: overdue.length });
    await this.executor.publish({ ...advance, events: () => eventsOf(advance, new Date().toISOString()) });
    crashPoint("timeout.published");
    return { timedOut: overdue.length };
  }

  private async decide(agentType: string, tasks: OverdueTask[], running: Running): Promise<OverdueTask[]> {
    const keys = tasks.map((task) => taskKeyOf(task.workflowId, task.position));
    const [indexed, entries] = await Promise.all([
      this.manager.inFlightValues(agentType, keys),
      this.entriesOf(agentType),
    ]);
    const results = Number(await this.manager.call("XLEN", [this.manager.keys.results]));
    const waiting = entries - (running.counts[agentType] ?? 0);
    return tasks.filter((task, i) =>
      decideOverdue({
        attempt: task.attempt,
        graceMs: GRACE_MS,
        indexed: indexed[i] ?? undefined,
        held: running.held.get(keys[i]!),
        waiting: Math.max(0, waiting),
        results,
      }),
    );
  }

  /** Entries in which a task of the type can be: waiting to be routed, waiting for an agent, or in work. */
  private async entriesOf(agentType: string): Promise<number> {
    const { keys } = this.manager;
    const streams = [keys.dispatch, ...this.agentTypes.groupsOf(agentType).map((group) => keys.stream(group.stream))];
    const lengths = await Promise.all(streams.map((stream) => this.manager.call("XLEN", [stream])));
    return lengths.reduce<number>((sum, length) => sum + Number(length), 0);
  }

  private async running(): Promise<Running> {
    const [heartbeats, registrations] = await Promise.all([this.manager.heartbeats(), this.manager.registrations()]);
    const held = new Map<string, HeldTask>();
    const counts: Record<string, number> = {};
    for (const { incarnation, agentType } of registrations) {
      const tasks = heartbeats.get(incarnation)?.held ?? [];
      for (const task of tasks) held.set(task.taskKey, task);
      if (agentType !== undefined) counts[agentType] = (counts[agentType] ?? 0) + tasks.length;
    }
    return { held, counts };
  }
}
