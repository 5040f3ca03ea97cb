import pc from "picocolors";
import type { CheckResult, ValidationResults } from "../validation-results.js";

/** A process that does not start is told with its last output: who it is stands at the head, the reason at the end. */
const HEAD_KEPT = 60;
const END_KEPT = 240;

/** How a check ended, in one word; what is merely advised does not shout. */
export function stateOf({ state, severity }: CheckResult): string {
  if (state !== "failed") return state;
  return severity === "needed" ? "FAILED" : "advised";
}

/** What was found, or why nothing was looked at, on one line; of a long message its head and its end. */
export function headlineOf(result: CheckResult): string {
  const line = (result.state === "skipped" ? result.reason : result.found).replace(/\s+/g, " ");
  return line.length > HEAD_KEPT + END_KEPT ? `${line.slice(0, HEAD_KEPT)} … ${line.slice(-END_KEPT)}` : line;
}

/** What is said at the end of a run: what did not hold with the way out, and the counts. */
export function closingLines({ checks, totals, passed, interrupted }: ValidationResults): string[] {
  const wayOut = checks.flatMap((check) =>
    check.state === "failed" ? [`${stateOf(check)}: ${check.title}: ${headlineOf(check)}`, `  ${check.remedy}`] : [],
  );
  const { held, failedNeeded, failedAdvised, skipped } = totals;
  const counts = [
    `${held} held`,
    ...(failedNeeded > 0 ? [`${failedNeeded} failed`] : []),
    ...(failedAdvised > 0 ? [`${failedAdvised} could be better`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
  const verdict = interrupted ? "Interrupted" : passed ? "All needed checks hold" : "Not all needed checks hold";
  return [...wayOut, ...(wayOut.length > 0 ? [""] : []), (passed ? pc.green : pc.red)(`${verdict}: ${counts}.`)];
}
