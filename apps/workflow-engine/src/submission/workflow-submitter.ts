import type { HiveEvent, TraceContext } from "@agent-hive/contracts";
import { IdempotencyConflictError } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import { ProblemError } from "@agent-hive/service-kit";
import { count, wallClockMs, type Logger } from "@agent-hive/telemetry";
import { eventsOf } from "../advancing/advance-events.js";
import type { Publication, TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { Dispatch, WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import type { BacklogGuard } from "./backlog-guard.js";
import { writeRequestSpans } from "../tracing/request-spans.js";
import { isOutcomeUnknown } from "../store/store-errors.js";
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
    const startMs = wallClockMs();
    this.backlog.check();
    const prepared = await this.planner.prepare(body, options.trace);
    const { encoded, requestHash, isBatch } = prepared;
    const key = options.idempotencyKey;
    crashPoint("submission.planned");
    const submitted = await this.state
      .submit(encoded, key === undefined ? undefined : { key, requestHash })
      .catch((error: unknown) => refuse(error, encoded.summaries, key));
    crashPoint("submission.stored");
    if (!submitted.replayed) {
      count("hive_workflows_submitted_total", {}, submitted.workflows.length);
      writeRequestSpans(prepared, options.trace, startMs);
      this.publish(prepared, submitted);
    }
    const workflows = submitted.workflows.map((workflow) => ({ ...workflow, links: linksOf(workflow.id) }));
    return { workflows, isBatch, replayed: submitted.replayed };
  }

  /** Resolves when nothing is being published any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.publishing);
  }

  private publish({ encoded, sizes }: PreparedSubmission, { dispatched, askedAtMs }: Dispatch): void {
    const at = new Date().toISOString();
    const events = () => [
      ...encoded.summaries.map(({ id, name }, i) => submittedEvent({ id, name, tasks: sizes[i]! }, at)),
      ...eventsOf({ dispatched, changes: [], finished: [], settled: [] }, at),
    ];
    const published = this.publishFirst({ dispatched, askedAtMs, events });
    this.publishing.add(published);
    void published.finally(() => this.publishing.delete(published));
    this.pump.expectWork();
  }

  private async publishFirst(first: Publication): Promise<void> {
    try {
      await this.executor.publish(first);
      crashPoint("submission.published");
    } catch (error) {
      this.logger.warn("first tasks were not published; the sweeper will", {
        count: first.dispatched?.length,
        err: error,
      });
    }
  }
}

function submittedEvent({ id, name, tasks }: { id: string; name: string; tasks: number }, at: string): HiveEvent {
  return { type: "workflow.submitted", at, workflowId: id, data: { name, tasks } };
}

/** Says what is known: above all whether the workflows may have been accepted although no answer came. */
function refuse(error: unknown, planned: readonly { id: string }[], key: string | undefined): never {
  if (error instanceof IdempotencyConflictError) throw new ProblemError("IDEMPOTENCY_KEY_REUSED", error.message);
  if (key !== undefined || !isOutcomeUnknown(error)) throw error;
  const { self } = linksOf(planned[0]!.id);
  const detail =
    `PostgreSQL went away before it answered: whether this was accepted is not known. If it was, ${self} exists once ` +
    `PostgreSQL is back; look there before you send it again. With an Idempotency-Key sending again is always safe.`;
  throw new ProblemError("OUTCOME_UNKNOWN", detail, { cause: error, retryAfterSeconds: null });
}
