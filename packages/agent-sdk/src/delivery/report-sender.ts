import { crashPoint } from "@agent-hive/proof";
import type { Logger } from "@agent-hive/telemetry";
import type { Report, TaskStream } from "./task-stream.js";
import { untilAnswered } from "./until-answered.js";

/**
 * Called once per batch, when Redis has answered for it: which results were taken, and which were refused. Unanswered: the
 * entries were lost before it did, and all are refused.
 */
export type OnReported = (taken: readonly Report[], refused: readonly Report[], unanswered: boolean) => void;

/**
 * Sends results. Everything that ends within one turn of the event loop goes out in one call, which is repeated until
 * Redis has said of every result that it is taken or that its entry belongs to somebody else (keeps I6).
 */
export class ReportSender {
  private queue: Report[] = [];
  private unanswered = 0;

  constructor(
    private readonly stream: TaskStream,
    /** As long as it is not aborted, the entries are ours. */
    private readonly life: () => AbortSignal,
    private readonly onReported: OnReported,
    private readonly logger: Logger,
  ) {}

  /** Results that Redis has not answered for. */
  get pending(): number {
    return this.queue.length + this.unanswered;
  }

  send(report: Report): void {
    if (this.queue.push(report) === 1) setImmediate(() => void this.flush());
  }

  /** Forgets what has not been sent. @returns that. */
  clear(): Report[] {
    return this.queue.splice(0);
  }

  private async flush(): Promise<void> {
    const batch = this.queue;
    if (batch.length === 0) return;
    this.queue = [];
    this.unanswered += batch.length;
    const answers = await untilAnswered("completing tasks", this.life(), this.logger, () =>
      this.stream.complete(batch),
    );
    crashPoint("tasks.completed");
    this.unanswered -= batch.length;
    const isTaken = (_: Report, index: number): boolean => answers?.[index] === "completed";
    this.onReported(
      batch.filter(isTaken),
      batch.filter((report, index) => !isTaken(report, index)),
      answers === undefined,
    );
  }
}
