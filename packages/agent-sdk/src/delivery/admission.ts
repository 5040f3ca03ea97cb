import { decideDelivery, type CrashHistory } from "@agent-hive/domain";
import type { Delivery } from "./delivery.js";

/** What may be begun now. */
export interface Admitted {
  deliveries: Delivery[];
  /** Nothing else runs in this process, and nothing will until these have ended. */
  alone: boolean;
}

/**
 * Decides which of the deliveries that wait in this process are begun, and when. A suspect, a task whose process died
 * under it before, runs alone: nothing starts beside it, so that what dies beside it is never blamed. What waits here
 * has not begun and is not charged if the process dies.
 */
export class Admission {
  private readonly ordinary = new Map<string, Delivery>();
  private readonly suspects = new Map<string, Delivery>();
  private runsAlone = false;

  /** How many wait. */
  get waiting(): number {
    return this.ordinary.size + this.suspects.size;
  }

  /** While a suspect waits or runs, the process asks for nothing more. @param active attempts that run or are begun. */
  isClosed(active: number): boolean {
    return this.suspects.size > 0 || (this.runsAlone && active > 0);
  }

  /** Takes a delivery in; one that waits already is the same one, handed again. */
  admit(delivery: Delivery, history: CrashHistory): void {
    const queue = decideDelivery(history) === "run" ? this.ordinary : this.suspects;
    queue.set(delivery.entryId, delivery);
  }

  /** What to begin, given how many run; undefined if nothing may. The caller begins it before it asks again. */
  next(running: number): Admitted | undefined {
    if (running === 0) this.runsAlone = false;
    if (this.runsAlone) return undefined;
    if (this.suspects.size > 0) return running === 0 ? this.nextSuspect() : undefined;
    if (this.ordinary.size === 0) return undefined;
    const deliveries = [...this.ordinary.values()];
    this.ordinary.clear();
    return { deliveries, alone: false };
  }

  /** Takes out what waits and is meant. */
  remove(isMeant: (delivery: Delivery) => boolean): Delivery[] {
    const removed = [...this.ordinary.values(), ...this.suspects.values()].filter(isMeant);
    for (const { entryId } of removed) {
      this.ordinary.delete(entryId);
      this.suspects.delete(entryId);
    }
    return removed;
  }

  private nextSuspect(): Admitted {
    const [entryId, delivery] = this.suspects.entries().next().value!;
    this.suspects.delete(entryId);
    this.runsAlone = true;
    return { deliveries: [delivery], alone: true };
  }
}
