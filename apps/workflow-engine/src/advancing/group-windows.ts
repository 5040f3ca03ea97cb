import { MINIMUM_WINDOW, freeOf, windowOf } from "@agent-hive/domain";
import { CompletionRate } from "./completion-rate.js";

interface Window {
  slots: number;
  /** Length of the in-flight index, as the last script told. */
  inFlight: number;
  /** Dispatched in PostgreSQL, not yet told by a script. */
  granted: number;
  rate: CompletionRate;
}

/**
 * How much more of each agent type's work may be dispatched. The window is a matter of this engine's own view: replicas
 * may overshoot it by a batch each, and the sum is mended with the next count that a script returns.
 */
export class GroupWindows {
  private readonly windows: ReadonlyMap<string, Window>;

  /**
   * @param minimum smallest window in tasks, so that a group without consumers has something to start with.
   * @param now monotonic clock, in milliseconds.
   */
  constructor(
    readonly agentTypes: readonly string[],
    private readonly minimum = MINIMUM_WINDOW,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.windows = new Map(
      agentTypes.map((name) => [name, { slots: 0, inFlight: 0, granted: 0, rate: new CompletionRate() }]),
    );
  }

  /**
   * Free places per agent type.
   *
   * @param leaving tasks whose results are being recorded, by agent type: they give up their places in the same step.
   */
  free(leaving: Readonly<Record<string, number>> = {}): Record<string, number> {
    const now = this.now();
    return Object.fromEntries(
      [...this.windows].map(([name, { slots, inFlight, granted, rate }]) => {
        const window = windowOf({ slots, completedPerSecond: rate.at(now), minimum: this.minimum });
        return [name, freeOf(window, inFlight + granted - Math.min(leaving[name] ?? 0, inFlight))];
      }),
    );
  }

  /** Tasks were dispatched in PostgreSQL: their places are taken from now on. */
  grant(tasks: readonly { agentType: string }[]): void {
    for (const { agentType } of tasks) this.change(agentType, (window) => window.granted++);
  }

  /** The granted tasks were published, or given up for the sweeper to find. */
  release(tasks: readonly { agentType: string }[]): void {
    for (const { agentType } of tasks) this.change(agentType, (window) => window.granted--);
  }

  /** What a script or a look told of the in-flight indexes. */
  observe(inFlight: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(inFlight)) this.change(name, (window) => (window.inFlight = count));
  }

  /** Tasks that came to an end. */
  completed(tasks: readonly { agentType: string }[]): void {
    const now = this.now();
    for (const [name, count] of Object.entries(countByType(tasks)))
      this.change(name, ({ rate }) => rate.add(count, now));
  }

  /** Slots per agent type, as the coordinator tells; a type that is missing has none at the moment. */
  provision(slots: Readonly<Record<string, number>>): void {
    for (const [name, window] of this.windows) window.slots = slots[name] ?? 0;
  }

  /** In flight per agent type, granted ones included. */
  inFlight(): Record<string, number> {
    return Object.fromEntries([...this.windows].map(([name, { inFlight, granted }]) => [name, inFlight + granted]));
  }

  private change(agentType: string, apply: (window: Window) => void): void {
    const window = this.windows.get(agentType);
    if (window) apply(window);
  }
}

/** How many of the tasks are of each agent type. */
export function countByType(tasks: readonly { agentType: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { agentType } of tasks) counts[agentType] = (counts[agentType] ?? 0) + 1;
  return counts;
}
