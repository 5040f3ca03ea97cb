import type { Outcome, ResultPayload } from "@agent-hive/contracts";
import { childTraceparent } from "@agent-hive/telemetry";
import type { Attempt } from "../attempts/attempt.js";
import type { Delivery } from "./delivery.js";
import type { DeliveryRun, Report } from "./task-stream.js";

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
export function reportOf(attempt: Attempt, outcome: Outcome): Report {
  const run = { startedAtMs: attempt.startedAtMs, runMs: attempt.elapsedMs() };
  return report(attempt.delivery, outcome, run, attempt.traceparent);
}

/** The report on a delivery that never ran, because it was cancelled before. */
export function cancelledReport(delivery: Delivery): Report {
  const run = { startedAtMs: Date.now(), runMs: 0 };
  return report(delivery, CANCELLED, run, childTraceparent(delivery.envelope.traceparent));
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

/** @param context of the delivery. */
function report(delivery: Delivery, outcome: Outcome, run: Run, context: string): Report {
  const { entryId, payload } = delivery;
  const result: ResultPayload = { taskId: payload.taskId, outcome, entryId, ...run };
  return {
    delivery,
    payload: JSON.stringify(result),
    traceparent: childTraceparent(context),
    run: { context, startMs: run.startedAtMs, runMs: run.runMs, outcome: outcome.status, error: errorOf(outcome) },
  };
}

function errorOf(outcome: Outcome): DeliveryRun["error"] {
  if (outcome.status === "succeeded") return undefined;
  if (outcome.status === "timed-out")
    return { type: "TIMED_OUT", message: `It ran longer than ${outcome.timeoutMs} ms.` };
  return { type: outcome.error.code, message: outcome.error.message };
}
