/** Something that has to end by a moment. */
export interface Expiring {
  /** On the monotonic clock (`performance.now()`), in milliseconds. */
  readonly deadlineAt: number;
  expire(): void;
}

/** Node fires timers with a longer delay at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Enforces the deadlines of everything that runs with a single timer. Adding and removing cost nothing but a set's
 * entry: most attempts end long before their deadline, so the timer is left to fire early and looks again, over the few
 * that run in one process.
 */
export class Deadlines {
  private readonly watched = new Set<Expiring>();
  private timer: NodeJS.Timeout | undefined;
  private armedFor = Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  watch(item: Expiring): void {
    this.watched.add(item);
    if (item.deadlineAt < this.armedFor) this.arm(item.deadlineAt);
  }

  unwatch(item: Expiring): void {
    this.watched.delete(item);
  }

  /** Forgets everything. */
  close(): void {
    this.watched.clear();
    clearTimeout(this.timer);
    this.armedFor = Infinity;
  }

  private arm(at: number): void {
    clearTimeout(this.timer);
    this.armedFor = at;
    // Rounded up: a timer may fire a part of a millisecond early, and would only be set again.
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil(at - this.now())));
    this.timer = setTimeout(() => this.look(), delayMs).unref();
  }

  private look(): void {
    const now = this.now();
    let earliest = Infinity;
    this.armedFor = Infinity;
    for (const item of this.watched) {
      if (item.deadlineAt <= now) {
        this.watched.delete(item);
        item.expire();
      } else if (item.deadlineAt < earliest) {
        earliest = item.deadlineAt;
      }
    }
    if (earliest < this.armedFor) this.arm(earliest);
  }
}
