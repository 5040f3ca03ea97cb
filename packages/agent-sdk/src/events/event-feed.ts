import type { HiveEvent, HiveEventType } from "@agent-hive/contracts";
import type { Delivery } from "../delivery/delivery.js";
import type { Reporter } from "../delivery/reports.js";

/** Where events go. */
export type PublishEvents = (events: HiveEvent[]) => Promise<unknown>;

/** Onlookers that fall behind miss something; an agent's memory does not grow for them (I9). */
const MOST_QUEUED = 10_000;
/** Of the progress told in between, the latest counts. */
const PROGRESS_INTERVAL_MS = 100;

/** Tells onlookers what runs here: in batches, best effort. A failure to tell is no failure of anything else. */
export class EventFeed {
  private queue: HiveEvent[] = [];
  private isSending = false;
  private readonly progress = new Map<string, HiveEvent>();
  private progressTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly publish: PublishEvents,
    private readonly reporter: () => Reporter,
    /** Whether anybody would hear of it. */
    private readonly hasOnlookers: () => boolean = () => true,
  ) {}

  /** Tells what happened to a delivery, with whatever else happens in the same turn of the event loop. */
  tell(type: HiveEventType, delivery: Delivery, data?: Record<string, unknown>): void {
    if (this.hasOnlookers()) this.enqueue(this.eventOf(type, delivery, data));
  }

  /** Tells how far a delivery is, every 100 ms at most. */
  tellProgress(delivery: Delivery, fraction: number, data?: Record<string, unknown>): void {
    if (!this.hasOnlookers()) return;
    this.progress.set(delivery.entryId, this.eventOf("task.progress", delivery, { fraction, ...data }));
    this.progressTimer ??= setTimeout(() => this.flushProgress(), PROGRESS_INTERVAL_MS).unref();
  }

  close(): void {
    clearTimeout(this.progressTimer);
    this.queue = [];
  }

  private eventOf(type: HiveEventType, delivery: Delivery, data: Record<string, unknown> | undefined): HiveEvent {
    const { incarnation, agentId, group } = this.reporter();
    const { workflowId, position, payload, envelope } = delivery;
    const { attempt, agentType } = envelope;
    const at = new Date().toISOString();
    const task = { workflowId, taskId: payload.taskId, position, attempt, agentType };
    return { type, at, ...task, agentId, incarnation, group, ...(data && { data }) };
  }

  private enqueue(event: HiveEvent): void {
    if (this.queue.length >= MOST_QUEUED) return;
    if (this.queue.push(event) === 1 && !this.isSending) setImmediate(() => void this.send());
  }

  private flushProgress(): void {
    this.progressTimer = undefined;
    for (const event of this.progress.values()) this.enqueue(event);
    this.progress.clear();
  }

  /** One batch is on its way at a time: what happens meanwhile makes up the next. */
  private async send(): Promise<void> {
    this.isSending = true;
    while (this.queue.length > 0) {
      const batch = this.queue;
      this.queue = [];
      try {
        await this.publish(batch);
      } catch {
        // Best effort: what Redis could not take is not told.
      }
    }
    this.isSending = false;
  }
}
