import { taskKeyOf } from "@agent-hive/contracts";
import { nameOf, type Facts, type TaskFacts } from "../facts.js";
import type { InFlightRecords } from "../records.js";
import type { Findings } from "./findings.js";

/**
 * What Redis loses is dispatched again well within this time, in milliseconds; later, a task that PostgreSQL calls
 * dispatched and Redis does not know was acknowledged too early.
 */
const MENDED_WITHIN_MS = 10_000;

/**
 * I6, acknowledge last, by its consequence. Looks at every attempt that was granted: its end is recorded, or it is in
 * flight. Attempts granted in the last ten seconds before the look may be on their way. What is under way while Redis
 * cannot be read is not looked at.
 */
export function judgeAcknowledgedLast({ tasks, records }: Facts, findings: Findings): void {
  for (const facts of tasks) {
    const { attempt, state } = facts.task;
    const ended = new Set(facts.ends.map((end) => end.attempt));
    for (let number = 1; number <= attempt; number++) {
      if (state === "dispatched" && number === attempt) judgeUnderWay(facts, records.inFlight, findings);
      else findings.check(ended.has(number), () => `${nameOf(facts)}: how attempt ${number} ended is not recorded.`);
    }
  }
}

function judgeUnderWay(facts: TaskFacts, inFlight: InFlightRecords | null, findings: Findings): void {
  const { workflowId, position, attempt, dispatchedAtMs } = facts.task;
  if (inFlight === null) return;
  if ((dispatchedAtMs ?? 0) > inFlight.readAtMs - MENDED_WITHIN_MS) return;
  const known = inFlight.attempts.get(taskKeyOf(workflowId, position));
  findings.check(
    known === attempt,
    () => `${nameOf(facts)}: attempt ${attempt} is neither recorded nor in flight; Redis has ${known ?? "none"}.`,
  );
}
