import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { HiveApiError, type HiveClient } from "@agent-hive/client";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";

const TICK_MS = 50;
const MOST_PER_REQUEST = 250;
/** Requests under way at once; beyond them the hive does not keep up, and is offered less. */
const MOST_REQUESTS = 8;
const SERVICE_UNAVAILABLE = 503;

/** Submits workflows of one kind at a rate, whatever has become of those before. */
export class LoadDriver {
  constructor(
    private readonly client: Pick<HiveClient, "submitAll">,
    private readonly definition: WorkflowDefinitionInput,
  ) {}

  /**
   * Resolves when all were accepted.
   *
   * @param perSecond workflows.
   * @param signal ends it early.
   * @returns how many were accepted, and for how many seconds they were offered. What the engine refused since too much
   *   waited (503) is not among them.
   * @throws what the client throws for any other reason.
   */
  async offer(perSecond: number, seconds: number, signal: AbortSignal): Promise<{ accepted: number; seconds: number }> {
    const underWay = new Set<Promise<void>>();
    const began = performance.now();
    const elapsed = (): number => (performance.now() - began) / 1000;
    let [asked, accepted] = [0, 0];
    let failure: unknown;
    while (elapsed() < seconds && !signal.aborted && failure === undefined) {
      const due = Math.min(MOST_PER_REQUEST, Math.floor(elapsed() * perSecond) - asked);
      if (due > 0 && underWay.size < MOST_REQUESTS) {
        asked += due;
        const request = this.submit(due)
          .then((count) => void (accepted += count))
          .catch((error: unknown) => void (failure = error))
          .finally(() => underWay.delete(request));
        underWay.add(request);
      } else await delay(TICK_MS);
    }
    const took = elapsed();
    await Promise.all(underWay);
    if (failure !== undefined) throw failure;
    return { accepted, seconds: took };
  }

  /** Submits so many at once. @returns how many were accepted. */
  async submit(count: number): Promise<number> {
    const batch = Array.from({ length: count }, () => this.definition);
    try {
      return (await this.client.submitAll(batch, { idempotencyKey: randomUUID() })).length;
    } catch (error) {
      if (error instanceof HiveApiError && error.status === SERVICE_UNAVAILABLE) return 0;
      throw error;
    }
  }
}
