import type { Measurement } from "@agent-hive/measurement";
import { judged, skipped, type Check, type Finding } from "../check.js";

/** That everything which the checks before did to the hive left its records sound, as another program reads them. */
export const invariantsCheck: Check = {
  id: "invariants",
  title: "Invariants over all that ran, by the metrics validator",
  severity: "needed",
  wanted: "none violated: nothing lost, nothing recorded twice, nothing out of order",
  run: async ({ measured, signal, tell }) => {
    if (measured === undefined) return skipped("The hive runs no metrics-validator.");
    tell("reading all records");
    return judgeInvariants(await measured.end(signal));
  },
};

export function judgeInvariants({
  invariants,
  tasks,
  absent,
}: Pick<Measurement, "invariants" | "absent"> & { tasks: unknown[] }): Finding {
  const violated = invariants.filter(({ holds }) => !holds);
  const told = violated.map(({ id, name, checked, violations }) => {
    const first = checked === 0 ? "nothing was looked at" : (violations[0] ?? "no violation is named");
    return `${id} (${name}): ${first}`;
  });
  const checked = invariants.reduce((sum, invariant) => sum + invariant.checked, 0);
  return judged(
    invariants.length > 0 && violated.length === 0,
    [
      violated.length === 0
        ? `${invariants.length} hold, over ${tasks.length} tasks and ${checked} facts`
        : told.join("; "),
      ...absent,
    ].join("; "),
    "Look at the rows that are named, in workflow, task and attempt_history of PostgreSQL: they are the truth. This is a defect; please report it with them.",
    [{ name: "facts looked at", value: checked, unit: "1" }],
  );
}
