// Targets as lines of charts. A target is told by its id which chart it belongs to: `<kind>-recovery…` and `…-memory`; any
// other stands in the table of targets alone.
import type { TargetVerdict } from "@agent-hive/measurement";
import type { Reference } from "../charts/chart-data.js";
import { quantity } from "../html/format.js";

const MEBIBYTE = 1024 * 1024;

/** Targets of the time from an act of the kind until the task ran elsewhere; values in milliseconds. */
export function recoveryReferences(targets: readonly TargetVerdict[], kind: string): Reference[] {
  return references(targets, (id) => id.startsWith(`${kind}-recovery`), { ms: 1, s: 1000 });
}

/** Targets of the memory of processes; values in megabytes. */
export function memoryReferences(targets: readonly TargetVerdict[]): Reference[] {
  return references(targets, (id) => id.endsWith("-memory"), { MB: 1, bytes: 1 / MEBIBYTE });
}

/** Aims and floors as lines, the least first; those at one value share a line and its label. */
function references(
  targets: readonly TargetVerdict[],
  isMeant: (id: string) => boolean,
  factors: Readonly<Record<string, number>>,
): Reference[] {
  const lines = targets
    .filter(({ id, unit }) => isMeant(id) && unit in factors)
    .flatMap(({ aim, floor, unit }) => [
      ...(aim === null ? [] : [{ value: aim * factors[unit]!, label: `aim ${quantity(aim, unit)}` }]),
      ...(floor === null ? [] : [{ value: floor * factors[unit]!, label: `floor ${quantity(floor, unit)}` }]),
    ]);
  return [...Map.groupBy(lines, ({ value }) => value)]
    .map(([value, same]) => ({ value, label: [...new Set(same.map(({ label }) => label))].join(", ") }))
    .sort((one, other) => one.value - other.value);
}
