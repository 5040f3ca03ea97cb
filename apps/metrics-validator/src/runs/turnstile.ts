import { ProblemError } from "@agent-hive/service-kit";

/** Measurements that may wait for their turn; whoever comes later is told to come again. */
const MOST_WAITING = 8;

/**
 * Lets one measurement through at a time: each holds all of its records in memory, and the stores are there for the hive
 * first.
 */
export class Turnstile {
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  /** @throws ProblemError `TOO_BUSY` */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= MOST_WAITING) {
      throw new ProblemError("TOO_BUSY", `${MOST_WAITING} measurements are waiting already.`);
    }
    this.waiting++;
    const turn = this.last.then(work, work).finally(() => this.waiting--);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
