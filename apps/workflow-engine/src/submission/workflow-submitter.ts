import type { AgentTypes, HiveEvent, TraceContext } from "@agent-hive/contracts";
import { IdempotencyConflictError, type PlannedWorkflow, type Submitted } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import { ProblemError } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import type { BacklogGuard } from "./backlog-guard.js";
import { linksOf, type SubmittedWorkflow } from "./submitted.js";
import { hashOf, planSubmission, readSubmission } from "./submission.js";

/** What submitting came to. */
export interface SubmissionAnswer {
  workflows: SubmittedWorkflow[];
  /** The body was a list. */
  isBatch: boolean;
  /** The idempotency key was used before with the same body; nothing was written. */
  replayed: boolean;
}

/**
 * Accepts workflows: reads and plans them, stores them, and publishes their first tasks. A client has its answer when the
 * workflows are stored; if publishing fails after that, the sweeper does it.
 */
export class WorkflowSubmitter {
  private readonly publishing = new Set<Promise<unknown>>();

  constructor(
    private readonly agentTypes: AgentTypes,
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly backlog: BacklogGuard,
    private readonly pump: { expectWork(): void },
    private readonly logger: Logger,
  ) {}

  /** @throws ProblemError for whatever is wrong with the body, and when too much work is waiting. */
  async submit(
    body: unknown,
    options: { idempotencyKey?: string | undefined; trace?: TraceContext | undefined } = {},
  ): Promise<SubmissionAnswer> {
    this.backlog.check();
    const submission = readSubmission(body);
    const planned = planSubmission(submission, this.agentTypes, options.trace);
    const key = options.idempotencyKey;
    crashPoint("submission.planned");
    const submitted = await this.state
      .submit(planned, key === undefined ? undefined : { key, requestHash: hashOf(submission) })
      .catch(refuseReusedKey);
    crashPoint("submission.stored");
    if (!submitted.replayed) this.publish(planned, submitted);
    const workflows = submitted.workflows.map((workflow) => ({ ...workflow, links: linksOf(workflow.id) }));
    return { workflows, isBatch: submission.isBatch, replayed: submitted.replayed };
  }

  /** Resolves when nothing is being published any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.publishing);
  }

  private publish(planned: PlannedWorkflow[], { dispatched }: Submitted): void {
    const at = new Date().toISOString();
    const submittedEvents = planned.map(({ id, name, tasks }): HiveEvent => ({
      type: "workflow.submitted",
      at,
      workflowId: id,
      data: { name, tasks: tasks.length },
    }));
    const events = [...submittedEvents, ...eventsOf({ dispatched, changes: [], finished: [], settled: [] }, at)];
    const published = this.publishFirst(dispatched, events);
    this.publishing.add(published);
    void published.finally(() => this.publishing.delete(published));
    this.pump.expectWork();
  }

  private async publishFirst(dispatched: Submitted["dispatched"], events: HiveEvent[]): Promise<void> {
    try {
      await this.executor.publish({ dispatched, events });
      crashPoint("submission.published");
    } catch (error) {
      this.logger.warn("first tasks were not published; the sweeper will", { count: dispatched.length, err: error });
    }
  }
}

function refuseReusedKey(error: unknown): never {
  if (error instanceof IdempotencyConflictError) throw new ProblemError("IDEMPOTENCY_KEY_REUSED", error.message);
  throw error;
}
