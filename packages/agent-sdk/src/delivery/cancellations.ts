import { parseTaskKey } from "@agent-hive/contracts";

/** Cancellations older than the latest this many are forgotten: their entries have long been dropped by the engine. */
const REMEMBERED = 10_000;

/** Remembers what was cancelled, so that an entry that arrives after its cancellation is not started (keeps I4). */
export class Cancellations {
  private readonly remembered = new Set<string>();

  /** @param taskKeys only these tasks; the whole workflow if absent. */
  add(workflowId: string, taskKeys?: readonly string[]): void {
    for (const name of taskKeys ?? [workflowId]) {
      this.remembered.delete(name);
      this.remembered.add(name);
    }
    while (this.remembered.size > REMEMBERED) this.remembered.delete(this.remembered.values().next().value!);
  }

  cover(taskKey: string): boolean {
    if (this.remembered.size === 0) return false;
    return this.remembered.has(taskKey) || this.remembered.has(parseTaskKey(taskKey)?.workflowId ?? "");
  }
}
