import type { AgentTypes, HiveEvent, TraceContext } from "@agent-hive/contracts";
import { IdempotencyConflictError, type PlannedWorkflow, type Submitted } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import type { BacklogGuard } from "./backlog-guard.js";
import { isOutcomeUnknown } from "../store/store-errors.js";
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
    const submitted = await this.state
      .submit(planned, key === undefined ? undefined : { key, requestHash: hashOf(submission) })
      .catch((error: unknown) => refuse(error, planned, key));
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
    const events = () => [
      ...planned.map((workflow) => submittedEvent(workflow, at)),
      ...eventsOf({ dispatched, changes: [], finished: [], settled: [] }, at),
    ];
    const published = this.executor.publish({ dispatched, events }).catch((error: unknown) => {
      this.logger.warn("first tasks were not published; the sweeper will", { count: dispatched.length, err: error });
    });
    this.publishing.add(published);
    void published.finally(() => this.publishing.delete(published));
    this.pump.expectWork();
  }
}

function submittedEvent({ id, name, tasks }: PlannedWorkflow, at: string): HiveEvent {
  return { type: "workflow.submitted", at, workflowId: id, data: { name, tasks: tasks.length } };
}

/** Says what is known: above all whether the workflows may have been accepted although no answer came. */
function refuse(error: unknown, planned: readonly PlannedWorkflow[], key: string | undefined): never {
  if (error instanceof IdempotencyConflictError) throw new ProblemError("IDEMPOTENCY_KEY_REUSED", error.message);
  if (key !== undefined || !isOutcomeUnknown(error)) throw error;
  const { self } = linksOf(planned[0]!.id);
  const detail =
    `PostgreSQL went away before it answered: whether this was accepted is not known. If it was, ${self} exists once ` +
    `PostgreSQL is back; look there before you send it again. With an Idempotency-Key sending again is always safe.`;
  throw new ProblemError("OUTCOME_UNKNOWN", detail, { cause: error, retryAfterSeconds: null });
}
