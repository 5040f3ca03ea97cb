import { taskKeyOf } from "@agent-hive/contracts";
import type { Cancelled } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import { ProblemError } from "@agent-hive/service-kit";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";

/** Most keys of running tasks that one control message names; an agent without its key in it asks by workflow. */
const NAMED_TASKS = 1000;

/**
 * Cancels workflows. It is done once PostgreSQL says so: no result is recorded after it (I4). That messages are dropped and
 * running tasks interrupted follows at once if Redis can be reached, and otherwise by the sweeper.
 */
export class WorkflowCanceller {
  constructor(
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly manager: Pick<RedisStreamsManager, "publishControl">,
    private readonly logger: Logger,
  ) {}

  /** @throws ProblemError `NOT_FOUND`, or `CONFLICT` if the workflow has ended otherwise. */
  async cancel(workflowId: string): Promise<void> {
    const cancelled = await this.state.cancel(workflowId);
    if (cancelled.status === "not-found") throw new ProblemError("NOT_FOUND", `There is no workflow "${workflowId}".`);
    if (cancelled.status === "already-finished") return this.cancelAgain(workflowId, cancelled.state);
    crashPoint("cancellation.recorded");
    const taskKeys = cancelled.changes
      .filter((change) => change.wasDispatched)
      .map((change) => taskKeyOf(workflowId, change.position));
    await this.tell(workflowId, async () => {
      await this.executor.publish({ ...cancelled, events: () => eventsOf(cancelled, new Date().toISOString()) });
      crashPoint("cancellation.published");
      await this.manager.publishControl({ type: "cancel", workflowId, taskKeys: taskKeys.slice(0, NAMED_TASKS) });
      crashPoint("cancellation.told");
    });
  }

  /** Whoever asks again may have had no answer since an engine died, perhaps before it had told anyone. */
  private async cancelAgain(workflowId: string, state: Cancelled["state"]): Promise<void> {
    if (state !== "cancelled")
      throw new ProblemError("CONFLICT", `Workflow "${workflowId}" has ${state}; it can no longer be cancelled.`);
    await this.tell(workflowId, () => this.manager.publishControl({ type: "cancel", workflowId }));
  }

  private async tell(workflowId: string, publish: () => Promise<void>): Promise<void> {
    try {
      await publish();
    } catch (error) {
      this.logger.warn("running tasks of a cancelled workflow were not told; the sweeper drops them", {
        workflowId,
        err: error,
      });
    }
  }
}
