import type { Facts } from "../facts.js";
import type { GroupRecord } from "../records.js";
import type { Findings } from "./findings.js";

/**
 * I7, safe removal. Looks at every group and its stream: each entry waits or is pending, and each pending one is in a
 * consumer's hands. An entry that was deleted while it was pending, or whose consumer was removed with it, breaks the
 * count. What was deleted and found again before the look leaves no trace.
 */
export function judgeSafeRemoval({ records }: Facts, findings: Findings): void {
  for (const group of records.groups) {
    findings.check(
      group.pending === group.heldByConsumers,
      () => `${group.group}: ${group.pending} entries are pending, and its consumers hold ${group.heldByConsumers}.`,
    );
    findings.check(isComplete(group), () => sentence(group));
  }
}

/** Without the lag one can only tell that not more is pending than there is. */
const isComplete = ({ length, pending, lag }: GroupRecord): boolean =>
  lag === null ? pending <= length : pending + lag === length;

const sentence = ({ group, stream, length, pending, lag }: GroupRecord): string =>
  `${stream} has ${length} entries; of ${group} ${pending} are pending and ${lag ?? "an unknown number"} not delivered.`;
