import type { Verdict } from "@agent-hive/contracts";
import type { Death } from "@agent-hive/streams";

/** How many verdicts are remembered, the oldest going first. */
const VERDICTS_KEPT = 1_000;

/** How a verdict was carried out, as far as this coordinator saw it. */
export interface Execution {
  /** From the look that showed the death until connections were killed and all were told, in milliseconds. */
  carriedOutMs: number;
  /** Entries that it held at the last look before its death: what live consumers had to claim. */
  entriesHeld: number;
  /** When its consumer was removed, all its entries having been claimed; null as long as it is not. */
  consumerRemovedAt: string | null;
}

/** A verdict with its evidence, and how it was carried out; null if another did that. */
export type VerdictRecord = Verdict & { execution: Execution | null };

/** Remembers the verdicts that this coordinator carried out. */
export class VerdictLedger {
  private readonly records = new Map<string, Verdict & { execution: Execution }>();
  private held = new Map<string, number>();

  /** Takes over how many entries each consumer holds now. */
  lookedAt(held: Iterable<readonly [consumer: string, pending: number]>): void {
    this.held = new Map(held);
  }

  record({ registration, kind, evidence, carriedOutMs }: Death, by: string): Verdict & { execution: Execution } {
    const { incarnation, agentId, service, group } = registration;
    const execution = { carriedOutMs, entriesHeld: this.held.get(incarnation) ?? 0, consumerRemovedAt: null };
    // When it was given: by now it has been carried out, and its entries may have been claimed.
    const at = new Date(Date.now() - carriedOutMs).toISOString();
    const record = {
      incarnation,
      agentId,
      service,
      ...(group !== undefined && { group }),
      kind,
      evidence,
      by,
      at,
      execution,
    };
    this.records.set(incarnation, record);
    if (this.records.size > VERDICTS_KEPT) this.records.delete(this.records.keys().next().value!);
    return record;
  }

  removed(consumers: readonly string[]): void {
    for (const consumer of consumers) {
      const record = this.records.get(consumer);
      if (record) record.execution.consumerRemovedAt = new Date().toISOString();
    }
  }

  /** Own verdicts and those found in the registry, the newest first, 1,000 at most. */
  merged(registry: readonly Verdict[]): VerdictRecord[] {
    const others = registry.filter(({ incarnation }) => !this.records.has(incarnation));
    return [...this.records.values(), ...others.map((verdict) => ({ ...verdict, execution: null }))]
      .sort((left, right) => right.at.localeCompare(left.at))
      .slice(0, VERDICTS_KEPT);
  }
}
