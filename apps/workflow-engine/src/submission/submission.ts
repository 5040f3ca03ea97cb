import { createHash } from "node:crypto";
import { uuidv7 } from "uuidv7";
import {
  API_LIMITS,
  workflowBatchSchema,
  workflowDefinitionSchema,
  type AgentTypes,
  type TraceContext,
  type WorkflowDefinition,
} from "@agent-hive/contracts";
import type { Problem } from "@agent-hive/domain";
import type { PlannedWorkflow } from "@agent-hive/persistence";
import { ProblemError, type ProblemDetail } from "@agent-hive/service-kit";
import { childTraceparent, newTraceparent } from "@agent-hive/telemetry";
import { validate } from "../http/validation.js";
import { INPUT_TOO_LARGE, planWorkflow } from "./plan-workflow.js";

/** What a client submitted: one definition or several. */
export interface Submission {
  definitions: WorkflowDefinition[];
  /** The body was a list, and so is the answer. */
  isBatch: boolean;
}

/**
 * Reads the body of a submission.
 *
 * @throws ProblemError `OVER_LIMIT` or `INVALID_REQUEST`.
 */
export function readSubmission(body: unknown): Submission {
  refuseOversize(body);
  if (Array.isArray(body)) return { definitions: validate(workflowBatchSchema, body, "body"), isBatch: true };
  return { definitions: [validate(workflowDefinitionSchema, body, "body")], isBatch: false };
}

/** Sizes are looked at before anything else, since checking every task of far too many would be work for nothing. */
function refuseOversize(body: unknown): void {
  const { workflowsPerRequest, tasksPerWorkflow } = API_LIMITS;
  const definitions: unknown[] = Array.isArray(body) ? body : [body];
  if (definitions.length > workflowsPerRequest) {
    const detail = `The request has ${definitions.length} workflows; at most ${workflowsPerRequest} are allowed. Send several requests.`;
    throw new ProblemError("OVER_LIMIT", detail);
  }
  for (const definition of definitions) {
    const tasks = (definition as { tasks?: unknown } | null)?.tasks;
    if (!Array.isArray(tasks) || tasks.length <= tasksPerWorkflow) continue;
    const detail = `A workflow has ${tasks.length} tasks; at most ${tasksPerWorkflow} are allowed. Split it into several workflows.`;
    throw new ProblemError("OVER_LIMIT", detail);
  }
}

/**
 * Plans all workflows of a submission; each gets an id and a trace of its own, a single one the trace of its request.
 *
 * @throws ProblemError `INVALID_DEFINITION`, or `OVER_LIMIT` if all that is wrong is the size of inputs, listing everything.
 */
export function planSubmission(
  submission: Submission,
  agentTypes: AgentTypes,
  request?: TraceContext,
): PlannedWorkflow[] {
  const errors: ProblemDetail[] = [];
  const workflows = submission.definitions.flatMap((definition, index) => {
    const plan = planWorkflow(definition, { agentTypes, id: uuidv7(), ...traceOf(submission, request) });
    if (plan.workflow) return [plan.workflow];
    errors.push(...plan.problems.map((problem) => located(problem, submission, index)));
    return [];
  });
  if (errors.length === 0) return workflows;
  const onlySizes = errors.every((error) => error.code === INPUT_TOO_LARGE);
  const detail = errors.length === 1 ? errors[0]!.message : `The definition has ${errors.length} errors.`;
  throw new ProblemError(onlySizes ? "OVER_LIMIT" : "INVALID_DEFINITION", detail, { errors });
}

/** The hash by which a repeated request is known to be the same: over what was asked for, not over how it was written. */
export function hashOf(submission: Submission): string {
  return createHash("sha256").update(JSON.stringify(submission.definitions)).digest("hex");
}

function traceOf({ isBatch }: Submission, request: TraceContext | undefined): TraceContext {
  if (isBatch || request === undefined) return { traceparent: newTraceparent() };
  return { ...request, traceparent: childTraceparent(request.traceparent) };
}

const located = (problem: Problem, { isBatch }: Submission, index: number): ProblemDetail => ({
  ...problem,
  path: isBatch ? `${index}/${problem.path}` : problem.path,
});
