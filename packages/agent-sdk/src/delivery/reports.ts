import { MESSAGE_VERSION, type Outcome, type ResultPayload } from "@agent-hive/contracts";
import type { Attempt } from "../attempts/attempt.js";
import type { Delivery } from "./delivery.js";
import type { Report } from "./task-stream.js";

/** Who reports. */
export interface Reporter {
  incarnation: string;
  agentId: string;
  group?: string;
}

/** When an attempt ran. */
interface Run {
  startedAtMs: number;
  runMs: number;
}

/** The report on an attempt that ran. */
export function reportOf(attempt: Attempt, outcome: Outcome, reporter: Reporter): Report {
  const run = { startedAtMs: attempt.startedAtMs, runMs: attempt.elapsedMs() };
  return report(attempt.delivery, outcome, reporter, run, attempt.traceparent);
}

/** The report on a delivery that never ran, because it was cancelled before. */
export function cancelledReport(delivery: Delivery, reporter: Reporter): Report {
  const run = { startedAtMs: Date.now(), runMs: 0 };
  return report(delivery, CANCELLED, reporter, run, delivery.envelope.traceparent);
}

/**
 * What is reported of a cancelled task. The engine has recorded the cancellation before anyone heard of it and applies
 * nothing after it; the report acknowledges the entry and frees the task's place in the in-flight index.
 */
export const CANCELLED: Outcome = {
  status: "failed",
  error: { code: "CANCELLED", message: "The workflow was cancelled." },
  retryable: false,
};

function report(delivery: Delivery, outcome: Outcome, reporter: Reporter, run: Run, traceparent: string): Report {
  const { workflowId, taskId, position, attempt, agentType } = delivery.payload;
  const payload: ResultPayload = {
    version: MESSAGE_VERSION,
    workflowId,
    taskId,
    position,
    attempt,
    agentType,
    outcome,
    incarnation: reporter.incarnation,
    agentId: reporter.agentId,
    entryId: delivery.entryId,
    startedAtMs: run.startedAtMs,
    finishedAtMs: Date.now(),
    runMs: run.runMs,
  };
  return { delivery, payload: JSON.stringify(payload), traceparent };
}
