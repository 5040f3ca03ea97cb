import { isSampled, tracing } from "@agent-hive/telemetry";

/** How many traces of those that begin now are written. Plain data: it goes into a thread. */
export interface SamplingRoom {
  /** Share of them, 0 to 1. */
  ratio: number;
  /** No more than so many. */
  most: number;
}

/** Decides of one trace after the other. */
export function sampler({ ratio, most }: SamplingRoom): () => boolean {
  let left = most;
  return () => {
    if (left < 1 || ratio <= 0 || (ratio < 1 && Math.random() >= ratio)) return false;
    left--;
    return true;
  };
}

/** Both limits of `HIVE_TRACE_RATIO` and `HIVE_TRACES_PER_SECOND`, the latter as a bucket that holds what a second brings. */
export class TraceSampling {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly settings: { HIVE_TRACE_RATIO: number; HIVE_TRACES_PER_SECOND: number },
    private readonly isTracing = (): boolean => tracing !== undefined,
    private readonly now = (): number => performance.now(),
  ) {
    this.tokens = settings.HIVE_TRACES_PER_SECOND;
    this.filledAt = now();
  }

  /** What may be sampled now. Nothing if this process writes no spans. */
  room(): SamplingRoom {
    const { HIVE_TRACE_RATIO: ratio, HIVE_TRACES_PER_SECOND: perSecond } = this.settings;
    if (!this.isTracing()) return { ratio: 0, most: 0 };
    const now = this.now();
    this.tokens = Math.min(perSecond, this.tokens + ((now - this.filledAt) / 1000) * perSecond);
    this.filledAt = now;
    return { ratio, most: Math.max(0, this.tokens) };
  }

  /** These workflows were prepared. Requests that are prepared at the same time may together take more than there is: then
   * later ones have less. */
  sampled(traceparents: readonly string[]): void {
    this.tokens -= traceparents.filter(isSampled).length;
  }
}
