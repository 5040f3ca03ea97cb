/** How much the newest duration counts: about the last nine of them make up the estimate. */
const NEWEST_WEIGHT = 0.2;
/** Assumed until something was measured; it only matters in comparison with other groups' estimates. */
const ASSUMED_MS = 1_000;

/** A running estimate (exponentially weighted mean) of how long a task of one kind takes, in milliseconds. */
export class DurationEstimate {
  #ms: number | undefined;

  /** Learns one measured duration. The first replaces the assumption; what is no duration is ignored. */
  observe(durationMs: number): void {
    if (!Number.isFinite(durationMs) || durationMs < 0) return;
    this.#ms = this.#ms === undefined ? durationMs : this.#ms + NEWEST_WEIGHT * (durationMs - this.#ms);
  }

  /** The estimate; 1,000 ms as long as nothing was observed. */
  get ms(): number {
    return this.#ms ?? ASSUMED_MS;
  }

  /** Whether the estimate rests on at least one measurement. */
  get isLearned(): boolean {
    return this.#ms !== undefined;
  }
}
