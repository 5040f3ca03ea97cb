import type { Outcome } from "@agent-hive/contracts";
import { LeaseLostError } from "@agent-hive/domain";
import type { Delivery } from "../delivery/delivery.js";
import type { Task } from "../task.js";
import type { Expiring } from "./deadlines.js";

/** How an attempt left this process: with an outcome to report, or with nothing to say. */
export type Ending = Outcome | { status: "dropped"; reason: Error };

/** What a begun delivery resumes from. */
export interface Resumption {
  /** What `task.checkpoint` is to be. */
  data: unknown;
  /** The last number used for this attempt's checkpoints; the next one is greater. */
  sequence: number;
}

/**
 * One attempt while it runs: when it began, how it may be stopped, and what was last said of it. Whatever ends it
 * first, its handler or `stop`, decides; the other one comes too late and changes nothing.
 */
export class Attempt implements Expiring {
  readonly startedAtMs = Date.now();
  readonly startedAt = performance.now();
  readonly deadlineAt: number;
  readonly task: Task;
  checkpointSequence: number;

  private readonly ended: Promise<Ending>;
  private end!: (ending: Ending) => void;
  private stoppedBy: Error | undefined;
  private controller: AbortController | undefined;

  constructor(
    readonly delivery: Delivery,
    /** Whether nothing else runs in the process. */
    readonly alone: boolean,
    resumption: Resumption,
    /** Trace context of the attempt: the task's trace, a span of its own. */
    readonly traceparent: string,
  ) {
    const { payload, envelope } = delivery;
    this.deadlineAt = this.startedAt + payload.timeoutMs;
    this.checkpointSequence = resumption.sequence;
    this.task = {
      workflowId: delivery.workflowId,
      workflowName: payload.workflowName,
      taskId: payload.taskId,
      attempt: envelope.attempt,
      agentType: envelope.agentType,
      handler: payload.handler,
      input: payload.input ?? null,
      workflowInput: payload.workflowInput ?? null,
      timeoutMs: payload.timeoutMs,
      checkpoint: resumption.data,
    };
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** Aborted when the attempt is stopped. Made when it is first asked for: most handlers never do. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.stoppedBy && !this.controller.signal.aborted) this.controller.abort(this.stoppedBy);
    return this.controller.signal;
  }

  /** Resolves with what ended it first. Never rejects. */
  get ending(): Promise<Ending> {
    return this.ended;
  }

  /** Whether it was stopped from outside, rather than ended by its handler. */
  get isStopped(): boolean {
    return this.stoppedBy !== undefined;
  }

  /** Whether it was stopped because the right to the task was lost. */
  get isLost(): boolean {
    return this.stoppedBy instanceof LeaseLostError;
  }

  /** Milliseconds since it began, on the monotonic clock. */
  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** Ends it as its handler did, unless it was stopped before or is out of time. */
  settle(outcome: Outcome): void {
    // A handler that blocked the event loop past its deadline gets here before any timer does.
    this.end(performance.now() > this.deadlineAt ? this.timedOut() : outcome);
  }

  /** Out of time: reported as such, whether the handler heeds its signal or not. */
  expire(): void {
    const reason = new Error(`Task "${this.task.taskId}" did not finish within ${this.task.timeoutMs} ms.`);
    reason.name = "TimeoutError";
    this.stop(reason, this.timedOut());
  }

  /** Aborts the signal with the reason and ends the attempt, by default without a report. */
  stop(reason: Error, ending: Ending = { status: "dropped", reason }): void {
    if (this.stoppedBy) return;
    this.stoppedBy = reason;
    this.end(ending);
    this.controller?.abort(reason);
  }

  private timedOut(): Outcome {
    return { status: "timed-out", timeoutMs: this.task.timeoutMs };
  }
}
