import type { Logger } from "@agent-hive/telemetry";

/** One attempt of one task, as its handler sees it. */
export interface Task<Input = unknown, Checkpoint = unknown> {
  readonly workflowId: string;
  readonly workflowName: string;
  /** The task's name in its workflow. */
  readonly taskId: string;
  /** Counted from 1; grows with every retry and every re-dispatch after a loss. */
  readonly attempt: number;
  readonly agentType: string;
  readonly handler: string;
  /** The task's own input, as the workflow's author wrote it. Not checked: parse it. */
  readonly input: Input;
  /** The input of the whole workflow. */
  readonly workflowInput: unknown;
  /** How long this attempt may run, in milliseconds. */
  readonly timeoutMs: number;
  /** What the latest checkpoint saved, by this or an earlier attempt; undefined if there is none. */
  readonly checkpoint: Checkpoint | undefined;
}

/** What a handler may ask of the hive while it runs. */
export interface TaskContext {
  /**
   * Aborted when the attempt is out of time, cancelled, lost to another agent or handed back at shutdown; its `reason`
   * is a `TimeoutError`, else an `InterruptedError` or a `LeaseLostError`. What the handler returns afterwards is
   * dropped: give the signal to everything that waits.
   */
  readonly signal: AbortSignal;
  /** Stable across attempts and deliveries: give it to outside systems, so that an effect repeated happens once. */
  readonly idempotencyKey: string;
  /** W3C trace context of this attempt, for calls to the outside. */
  readonly traceparent: string;
  /** Bound to the workflow, task and attempt. */
  readonly log: Logger;
  /**
   * Reads the recorded output of a task of the same workflow; only tasks that this one depends on are sure to have one.
   * Asks the engine again after failures until `signal` is aborted.
   *
   * @throws TerminalError if the workflow has no such task, or it has no output.
   * @throws TransientError if the engine stayed out of reach.
   */
  readonly outputOf: <Output = unknown>(taskId: string) => Promise<Output>;
  /**
   * Tells onlookers how far the attempt is. Best effort and throttled: the latest one of every 100 ms is sent.
   *
   * @param fraction done, from 0 to 1.
   * @param data anything JSON can hold, small.
   */
  readonly progress: (fraction: number, data?: Record<string, unknown>) => void;
  /**
   * Saves progress that the next delivery or attempt finds in `task.checkpoint`, should this one not finish. Replaces
   * the one before. Resolves once it is stored.
   *
   * @param data anything JSON can hold, up to 64 KB of it.
   * @throws TerminalError if the data is not JSON or too large.
   * @throws LeaseLostError if another agent owns the task now: stop.
   */
  readonly checkpoint: (data: unknown) => Promise<void>;
}

/**
 * The work of an agent: one class a kind of task, named with `@Handler`.
 *
 * What `execute` returns, any JSON, is the task's output. A `TerminalError` fails the task for good, a `TransientError`
 * is tried again as the task's retry policy says, and so is anything else thrown, which is logged as a defect.
 * Delivery is at least once: after a crash the task runs again, possibly beside effects of the first run.
 */
export interface TaskHandler {
  execute(task: Task, context: TaskContext): unknown;
}
