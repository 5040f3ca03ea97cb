/** Over how long completions are averaged: as quick as a group's pace changes, slower than one batch. */
const HORIZON_MS = 1000;

/** How many tasks complete per second, as an exponentially fading average on a monotonic clock. */
export class CompletionRate {
  private perSecond = 0;
  private updatedAt = 0;

  add(count: number, nowMs: number): void {
    this.perSecond = this.at(nowMs) + (count * 1000) / HORIZON_MS;
    this.updatedAt = nowMs;
  }

  at(nowMs: number): number {
    return this.perSecond * Math.exp((this.updatedAt - nowMs) / HORIZON_MS);
  }
}
