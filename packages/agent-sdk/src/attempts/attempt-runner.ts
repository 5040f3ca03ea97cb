import type { Outcome } from "@agent-hive/contracts";
import { isSampled, tracing, type Logger } from "@agent-hive/telemetry";
import type { HandlerRegistry } from "../handler-registry.js";
import type { Attempt, Ending } from "./attempt.js";
import { AttemptContext, type ContextServices } from "./attempt-context.js";
import { Deadlines } from "./deadlines.js";
import { isDefect, outcomeOfThrown } from "./outcome.js";
import type { OutputEncoder } from "./output-encoder.js";

/**
 * Runs handlers. Whatever a handler does, its attempt ends by its deadline with a value; one that goes on after it was
 * stopped (a stray) is left to itself, counted, and reported when it ends.
 */
export class AttemptRunner {
  private readonly deadlines = new Deadlines();
  private strayCount = 0;

  constructor(
    private readonly handlers: HandlerRegistry,
    private readonly outputs: OutputEncoder,
    private readonly services: ContextServices,
    private readonly logger: Logger,
  ) {}

  /** Handlers that were stopped and have not returned. */
  get strays(): number {
    return this.strayCount;
  }

  /** Runs an attempt to its end. Never rejects. */
  async run(attempt: Attempt): Promise<Ending> {
    this.deadlines.watch(attempt);
    const handling = this.handle(attempt);
    void handling.then((outcome) => attempt.settle(outcome));
    const ending = await attempt.ending;
    this.deadlines.unwatch(attempt);
    if (attempt.isStopped) this.watchStray(attempt, handling);
    return ending;
  }

  close(): void {
    this.deadlines.close();
  }

  private async handle(attempt: Attempt): Promise<Outcome> {
    try {
      const handler = this.handlers.get(attempt.task.handler)!;
      if (this.services.reached) await this.services.reached("started", attempt);
      const context = new AttemptContext(attempt, this.services);
      const output = await inTrace(attempt, () => handler.execute(attempt.task, context));
      if (this.services.reached) await this.services.reached("finished", attempt);
      return await this.outputs.encode(output, attempt);
    } catch (thrown) {
      if (isDefect(thrown) && !attempt.isStopped) this.logDefect(attempt, thrown);
      return outcomeOfThrown(thrown);
    }
  }

  private watchStray(attempt: Attempt, handling: Promise<Outcome>): void {
    this.strayCount++;
    void handling.then(({ status }) => {
      this.strayCount--;
      if (attempt.isLost && status === "succeeded") this.services.refused(attempt);
      const { workflowId, taskId, handler } = attempt.task;
      const afterMs = Math.round(attempt.elapsedMs());
      this.logger.debug("a stopped handler returned", { workflowId, taskId, handler, afterMs });
    });
  }

  private logDefect(attempt: Attempt, err: unknown): void {
    const { workflowId, taskId, attempt: number, handler } = attempt.task;
    this.logger.error("a handler threw an unexpected error", { workflowId, taskId, attempt: number, handler, err });
  }
}

/** Spans of what a handler calls become children of its attempt's. */
function inTrace<T>({ traceparent }: Attempt, work: () => T): T {
  return tracing && isSampled(traceparent) ? tracing.run(traceparent, work) : work();
}
