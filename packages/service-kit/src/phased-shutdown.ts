import type { Logger } from "@agent-hive/telemetry";

/**
 * The phases of stopping, in order. Quiet: take nothing new. Drain: let what runs finish. Hand back: give the rest to
 * others, uncharged. Close: release connections.
 */
export const SHUTDOWN_PHASES = ["quiet", "drain", "hand-back", "close"] as const;
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

interface Step {
  phase: ShutdownPhase;
  name: string;
  limitMs: number;
  run: () => Promise<void> | void;
}

/** Stops a service phase by phase. Every step has a time limit, and runs even if the ones before it failed. */
export class PhasedShutdown {
  private readonly steps: Step[] = [];
  private running: Promise<void> | undefined;
  private hurry: () => void = () => undefined;
  private readonly hurried = new Promise<void>((resolve) => (this.hurry = resolve));

  constructor(private readonly logger: Logger) {}

  /** @param limitMs how long the step may take before the next begins all the same. Default 5,000 ms. */
  add(phase: ShutdownPhase, name: string, run: Step["run"], limitMs = 5000): void {
    this.steps.push({ phase, name, run, limitMs });
  }

  /**
   * Stops everything, once. A second call hurries the first: nothing is drained any longer. Handing back and closing keep
   * their limits, since a process that leaves without them looks like one that crashed.
   */
  async stop(): Promise<void> {
    if (this.running) this.hurry();
    this.running ??= this.runPhases();
    await this.running;
  }

  private async runPhases(): Promise<void> {
    const failures: unknown[] = [];
    for (const phase of SHUTDOWN_PHASES) {
      const outcomes = await Promise.allSettled(
        this.steps.filter((step) => step.phase === phase).map((step) => this.runStep(step)),
      );
      failures.push(...outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : [])));
    }
    if (failures.length > 0) {
      this.logger.warn("stopped, with failures", { failures: failures.map(String) });
    }
  }

  private async runStep(step: Step): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), step.limitMs)));
    const hurried = step.phase === "drain" ? this.hurried.then(() => "late" as const) : limit;
    const done = (async () => step.run())().then(() => "done" as const);
    try {
      const outcome = await Promise.race([done, limit, hurried]);
      if (outcome === "late") {
        this.logger.warn("a step of the shutdown was not waited for", { phase: step.phase, step: step.name });
        done.catch(() => undefined);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
