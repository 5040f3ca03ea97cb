import { toError } from "@agent-hive/domain";
import type { Logger } from "@agent-hive/telemetry";

/** What runs again and again, and how often. */
export interface RecurringOptions {
  /** What is done, for log and health, e.g. "keeping groups". */
  name: string;
  /** From the end of one run to the start of the next. */
  intervalMs: number;
  /** Each wait differs by up to this share of the interval, so that replicas do not run in step. Default 0.2. */
  jitter?: number;
  runOnce: () => Promise<unknown>;
  logger: Logger;
  random?: () => number;
}

/**
 * Runs something at an interval, one run at a time, whatever single runs come to: a failure is logged when it is another
 * than before, and so is its end.
 */
export class Recurring {
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private isStarted = false;
  private hasRun = false;
  private failure: Error | undefined;

  constructor(private readonly options: RecurringOptions) {}

  /** The first run comes after an interval, unless `runNow` asks for one at once. */
  start(): void {
    this.isStarted = true;
    this.schedule();
  }

  /** No run begins any more; resolves when the one at work has ended. May be called twice, or before `start`. */
  async stop(): Promise<void> {
    this.isStarted = false;
    clearTimeout(this.timer);
    await this.current;
  }

  /** Runs without waiting for the interval: at once, or after what runs now. Calls meanwhile share that one run. */
  async runNow(): Promise<void> {
    if (!this.isStarted) return;
    if (!this.current) return this.run();
    this.next ??= this.current.then(() => {
      this.next = undefined;
      return this.runNow();
    });
    return this.next;
  }

  /** @throws Error why the last run failed, or that there was none yet: for health. */
  async check(): Promise<void> {
    const { name } = this.options;
    if (!this.hasRun) throw new Error(`${name}: it has not run yet.`);
    if (this.failure) throw new Error(`${name}: ${this.failure.message}`);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (!this.isStarted) return;
    const { intervalMs, jitter = 0.2, random = Math.random } = this.options;
    this.timer = setTimeout(() => void this.runNow(), intervalMs * (1 + jitter * (2 * random() - 1)));
  }

  private async run(): Promise<void> {
    clearTimeout(this.timer);
    this.current = this.guarded();
    await this.current;
    this.current = undefined;
    this.schedule();
  }

  private async guarded(): Promise<void> {
    const { name, runOnce, logger } = this.options;
    try {
      await runOnce();
      if (this.failure) logger.info("a recurring run works again", { name });
      this.failure = undefined;
    } catch (thrown) {
      const error = toError(thrown);
      if (error.message !== this.failure?.message) {
        logger.warn("a recurring run failed; it will be repeated", { name, err: error });
      }
      this.failure = error;
    }
    this.hasRun = true;
  }
}
