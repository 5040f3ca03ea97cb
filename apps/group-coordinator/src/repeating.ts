import { setTimeout as delay } from "node:timers/promises";
import { toError } from "@agent-hive/domain";
import type { Logger } from "@agent-hive/telemetry";

export interface RepeatingOptions {
  /** What is done, for the log and for health, e.g. "keeping groups". */
  name: string;
  /** From the end of one run to the start of the next. */
  intervalMs: number;
  run: () => Promise<unknown>;
  logger: Logger;
}

/** Does something again and again, never twice at once. A failure is logged when it is another than before, and tried again. */
export class Repeating {
  private stopping = new AbortController();
  private waking = new AbortController();
  private running: Promise<void> | undefined;
  private failure: Error | undefined = new Error("It has not run yet.");

  constructor(private readonly options: RepeatingOptions) {}

  start(): void {
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
    this.running ??= this.repeat(this.stopping.signal);
  }

  /** Resolves when the run that is under way has ended. May be called twice, or before `start`. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.running = undefined;
  }

  /** The next run begins at once. */
  wake(): void {
    this.waking.abort();
  }

  /** @throws Error why the last run failed: health. */
  async check(): Promise<void> {
    if (this.failure) throw new Error(`${this.options.name}: ${this.failure.message}`);
  }

  private async repeat(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.waking = new AbortController();
      await this.runOnce();
      const signal = AbortSignal.any([stop, this.waking.signal]);
      await delay(this.options.intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async runOnce(): Promise<void> {
    const { name, run, logger } = this.options;
    try {
      await run();
      if (this.failure) logger.info("it works", { what: name });
      this.failure = undefined;
    } catch (thrown) {
      const error = toError(thrown);
      if (error.message !== this.failure?.message) logger.warn("it is tried again", { what: name, err: error });
      this.failure = error;
    }
  }
}
