import type { HiveEvent, TraceContext } from "@agent-hive/contracts";
import { IdempotencyConflictError, type Submitted } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import type { BacklogGuard } from "./backlog-guard.js";
import type { PreparedSubmission } from "./prepare-submission.js";
import type { SubmissionBody } from "./submission-body.js";
import type { SubmissionPlanner } from "./submission-planner.js";
import { linksOf, type SubmittedWorkflow } from "./submitted.js";

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
    private readonly planner: Pick<SubmissionPlanner, "prepare">,
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly backlog: BacklogGuard,
    private readonly pump: { expectWork(): void },
    private readonly logger: Logger,
  ) {}

  /** @throws ProblemError for whatever is wrong with the body, and when too much work is waiting. */
  async submit(
    body: SubmissionBody,
    options: { idempotencyKey?: string | undefined; trace?: TraceContext | undefined } = {},
  ): Promise<SubmissionAnswer> {
    this.backlog.check();
    const prepared = await this.planner.prepare(body, options.trace);
    const { encoded, requestHash, isBatch } = prepared;
    const key = options.idempotencyKey;
    const submitted = await this.state
      .submit(encoded, key === undefined ? undefined : { key, requestHash })
      .catch(refuseReusedKey);
    if (!submitted.replayed) this.publish(prepared, submitted);
    const workflows = submitted.workflows.map((workflow) => ({ ...workflow, links: linksOf(workflow.id) }));
    return { workflows, isBatch, replayed: submitted.replayed };
  }

  /** Resolves when nothing is being published any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.publishing);
  }

  private publish({ encoded, sizes }: PreparedSubmission, { dispatched }: Submitted): void {
    const at = new Date().toISOString();
    const submittedEvents = encoded.summaries.map(({ id, name }, index): HiveEvent => ({
      type: "workflow.submitted",
      at,
      workflowId: id,
      data: { name, tasks: sizes[index] },
    }));
    const events = [...submittedEvents, ...eventsOf({ dispatched, changes: [], finished: [], settled: [] }, at)];
    const published = this.executor.publish({ dispatched, events }).catch((error: unknown) => {
      this.logger.warn("first tasks were not published; the sweeper will", { count: dispatched.length, err: error });
    });
    this.publishing.add(published);
    void published.finally(() => this.publishing.delete(published));
    this.pump.expectWork();
  }
}

function refuseReusedKey(error: unknown): never {
  if (error instanceof IdempotencyConflictError) throw new ProblemError("IDEMPOTENCY_KEY_REUSED", error.message);
  throw error;
}
