import { successorsOf } from "@agent-hive/persistence";
import type {
  Advance,
  Batch,
  Cancelled,
  DispatchedTask,
  EncodedWorkflows,
  FinishedWorkflow,
  Idempotency,
  Page,
  RecordedBatch,
  Submitted,
  TaskAttempt,
  TaskKey,
  WorkflowStore,
} from "@agent-hive/persistence";
import { taskKeyOf } from "@agent-hive/contracts";
import { crashPoint, history } from "@agent-hive/proof";
import { count } from "@agent-hive/telemetry";
import { timedTransaction } from "../metrics/timed-transaction.js";
import type { WorkflowTraces } from "../tracing/workflow-traces.js";
import { countByType, type GroupWindows } from "./group-windows.js";

/** What a transaction dispatched, and when it was asked for, on the clock of `performance.now()`. */
export interface Dispatch {
  dispatched: DispatchedTask[];
  askedAtMs: number;
}

/**
 * The only writer of workflow state: every change of it is one transaction of the store, made here, with the room that
 * the windows have. What it returns is committed and is to be published by the caller; if the caller dies first, the
 * input that is still pending, or else the sweeper, brings it up again.
 */
export class WorkflowStateManager {
  constructor(
    private readonly store: WorkflowStore,
    private readonly windows: GroupWindows,
    private readonly traces: Pick<WorkflowTraces, "ended">,
  ) {}

  async submit(workflows: EncodedWorkflows, idempotency?: Idempotency): Promise<Submitted & Dispatch> {
    const free = this.windows.free();
    const of = history?.note("submit", { ...idempotency, workflows: successorsOf(workflows) });
    const submitted = await this.dispatching(
      "submit",
      this.store.submit(workflows, { free, ...(idempotency === undefined ? {} : { idempotency }) }),
    );
    history?.note("submitted", { of, ids: submitted.workflows.map(({ id }) => id), replayed: submitted.replayed });
    return submitted;
  }

  /** Records what agents reported. Places of the tasks that end here are given to others in the same transaction. */
  async recordBatch(batch: Batch): Promise<RecordedBatch & Dispatch> {
    const free = this.windows.free(countByType(batch.results ?? []));
    const recorded = await this.dispatching("record", this.store.recordBatch(batch, free));
    this.windows.completed(recorded.settled);
    return recorded;
  }

  /** Dispatches ready tasks into whatever room there is. */
  async fillWindows(): Promise<Dispatch> {
    const free = this.windows.free();
    if (Object.values(free).every((places) => places === 0)) return { dispatched: [], askedAtMs: performance.now() };
    return this.dispatching(
      "fill",
      this.store.fillWindows(free).then((dispatched) => ({ dispatched })),
    );
  }

  /** @returns how many delayed tasks became ready. */
  async releaseDue(): Promise<number> {
    return this.store.releaseDue();
  }

  async timeOut(tasks: TaskAttempt[]): Promise<RecordedBatch & Dispatch> {
    const of = history?.note("record", {
      entries: [],
      results: tasks.map((task) => [...notedAttempt(task), "timed-out"]),
    });
    const recorded = await this.dispatching(
      "time-out",
      this.store.timeOut(tasks, this.windows.free(countByType(tasks))),
    );
    history?.note("recorded", { of, verdicts: recorded.verdicts });
    return recorded;
  }

  async cancel(workflowId: string): Promise<Cancelled & Dispatch> {
    const of = history?.note("cancel", { workflow: workflowId });
    const cancelled = await this.dispatching("cancel", this.store.cancel(workflowId));
    history?.note("cancelled", { of, status: cancelled.status });
    return cancelled;
  }

  /** A new attempt for a page of tasks whose messages were lost with Redis. */
  async redispatchLost(after: TaskKey | null, limit: number): Promise<Dispatch & Pick<Page<unknown>, "next">> {
    const page = this.store
      .redispatchLost(after, limit)
      .then(({ tasks: dispatched, next }): Pick<Page<unknown>, "next"> & { dispatched: DispatchedTask[] } => ({
        dispatched,
        next,
      }));
    return this.dispatching("redispatch", page);
  }

  async putArtifact(sha256: string, content: Buffer): Promise<void> {
    await this.store.putArtifact(sha256, content);
    crashPoint("artifact.stored");
  }

  /** @param transaction has just been asked for. */
  private async dispatching<T extends { dispatched: DispatchedTask[]; finished?: FinishedWorkflow[] }>(
    name: string,
    transaction: Promise<T>,
  ): Promise<T & Dispatch> {
    const askedAtMs = performance.now();
    const advance = await timedTransaction(name, transaction);
    this.windows.grant(advance.dispatched);
    history?.note("advanced", notedAdvance(advance));
    const { finished = [] } = advance;
    if (finished.length > 0) this.traces.ended(finished);
    for (const { state } of finished) count("hive_workflows_finished_total", { state });
    return { ...advance, askedAtMs };
  }
}

/** What a history says of a transaction: attempts granted, tasks moved otherwise, workflows ended. */
function notedAdvance({ dispatched = [], changes = [], finished = [] }: Partial<Advance>): object {
  return {
    dispatched: dispatched.map(notedAttempt),
    changes: changes.map((change) => [...notedAttempt(change), change.state]),
    finished: finished.map(({ id, state }) => [id, state]),
  };
}

const notedAttempt = ({ workflowId, position, attempt }: TaskAttempt): [taskKey: string, attempt: number] => [
  taskKeyOf(workflowId, position),
  attempt,
];
