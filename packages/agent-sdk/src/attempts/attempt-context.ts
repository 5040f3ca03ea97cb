import { INLINE_OUTPUT_LIMIT_BYTES, type TaskMoment } from "@agent-hive/contracts";
import { TerminalError } from "@agent-hive/domain";
import { traceFields, type Logger } from "@agent-hive/telemetry";
import type { TaskContext } from "../task.js";
import type { Attempt } from "./attempt.js";
import { encodeJson } from "./outcome.js";

/** What a context hands on to. */
export interface ContextServices {
  readonly logger: Logger;
  outputOf(workflowId: string, taskId: string, signal: AbortSignal): Promise<unknown>;
  progress(attempt: Attempt, fraction: number, data: Record<string, unknown> | undefined): void;
  /** Resolves once it is stored; throws LeaseLostError if the attempt is no longer ours. */
  saveCheckpoint(attempt: Attempt, json: string): Promise<void>;
  /** A handler finished after the right to its task was lost; its result is dropped. */
  refused(attempt: Attempt): void;
  /** Where crashes are simulated: resolves when the agent may go on from this moment of the attempt. */
  reached?: (moment: TaskMoment, attempt: Attempt) => Promise<void>;
}

/** The context of one attempt. Its functions may be taken off it: `const { outputOf } = context`. */
export class AttemptContext implements TaskContext {
  private logger: Logger | undefined;

  constructor(
    private readonly attempt: Attempt,
    private readonly services: ContextServices,
  ) {}

  get signal(): AbortSignal {
    return this.attempt.signal;
  }

  get idempotencyKey(): string {
    return this.attempt.delivery.envelope.taskKey;
  }

  get traceparent(): string {
    return this.attempt.traceparent;
  }

  get log(): Logger {
    const { workflowId, taskId, attempt } = this.attempt.task;
    return (this.logger ??= this.services.logger.child({
      workflowId,
      taskId,
      attempt,
      ...traceFields(this.traceparent),
    }));
  }

  readonly outputOf = async <Output>(taskId: string): Promise<Output> =>
    (await this.services.outputOf(this.attempt.task.workflowId, taskId, this.attempt.signal)) as Output;

  readonly progress = (fraction: number, data?: Record<string, unknown>): void => {
    this.services.progress(this.attempt, Math.min(1, Math.max(0, fraction || 0)), data);
  };

  readonly checkpoint = async (data: unknown): Promise<void> => {
    const json = encodeJson(data, `checkpoint of task "${this.attempt.task.taskId}"`) ?? "null";
    const bytes = Buffer.byteLength(json);
    if (bytes > INLINE_OUTPUT_LIMIT_BYTES) {
      throw new TerminalError(
        "CHECKPOINT_TOO_LARGE",
        `The checkpoint of task "${this.attempt.task.taskId}" has ${bytes} bytes; the limit is ${INLINE_OUTPUT_LIMIT_BYTES}.`,
      );
    }
    await this.services.saveCheckpoint(this.attempt, json);
  };
}
