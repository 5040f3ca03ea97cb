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
import { MAX_REPORTED_PROBLEMS, type Problem } from "@agent-hive/domain";
import { encodeWorkflows, type EncodedWorkflows, type PlannedWorkflow } from "@agent-hive/persistence/encoding";
import { ProblemError, type ProblemCode, type ProblemDetail } from "@agent-hive/service-kit/problem";
import { childTraceparent, newTraceparent } from "@agent-hive/telemetry";
import { validate } from "../http/validation.js";
import { sampler, type SamplingRoom } from "../tracing/trace-sampling.js";
import { INPUT_TOO_LARGE, planWorkflow } from "./plan-workflow.js";
import { readBody, type ReadBody, type SubmissionBody } from "./submission-body.js";

/** What a body is prepared with. */
export interface PreparationContext {
  agentTypes: AgentTypes;
  /** The trace of the request. */
  trace?: TraceContext | undefined;
  /** Which traces that begin here are written. */
  sampling: SamplingRoom;
}

/** Checked and planned, ready to be stored. It goes from thread to thread, so it is little but text. */
export interface PreparedSubmission {
  encoded: EncodedWorkflows;
  /** Number of tasks of each workflow. */
  sizes: number[];
  /** The context of each workflow: that of its request. */
  traceparents: string[];
  /** By which a repeated request is known to be the same: over what was asked for, not over how it was written. */
  requestHash: string;
  /** The body was a list, and so is the answer. */
  isBatch: boolean;
}

interface Submission {
  definitions: WorkflowDefinition[];
  isBatch: boolean;
}

/**
 * Reads, checks and plans a submission. Each workflow gets an id and a trace of its own, a single one the trace of its
 * request.
 *
 * @throws ProblemError that lists all that is wrong, as far as it goes: `MALFORMED_REQUEST` what is no JSON,
 *   `INVALID_REQUEST` what is no definition, `INVALID_DEFINITION` what is no graph, `OVER_LIMIT` what is too large.
 */
export function prepareSubmission(body: SubmissionBody, context: PreparationContext): PreparedSubmission {
  const read = readBody(body);
  try {
    const submission = check(read.value);
    const workflows = plan(submission, context);
    return {
      encoded: encodeWorkflows(workflows),
      sizes: workflows.map(({ tasks }) => tasks.length),
      traceparents: workflows.map(({ traceparent }) => traceparent),
      requestHash: createHash("sha256").update(JSON.stringify(submission.definitions)).digest("hex"),
      isBatch: submission.isBatch,
    };
  } catch (error) {
    throw error instanceof ProblemError ? located(error, read) : error;
  }
}

function located(error: ProblemError, read: ReadBody): ProblemError {
  const { code, detail, errors } = error.problem;
  return errors === undefined
    ? error
    : new ProblemError(code as ProblemCode, detail, { errors: errors.map((each) => read.locate(each)) });
}

function check(body: unknown): Submission {
  refuseOversize(body);
  if (Array.isArray(body)) return { definitions: validate(workflowBatchSchema, body, "body"), isBatch: true };
  return { definitions: [validate(workflowDefinitionSchema, body, "body")], isBatch: false };
}

/** Sizes are looked at before anything else, since checking every task of far too many would be work for nothing. */
function refuseOversize(body: unknown): void {
  const { workflowsPerRequest, tasksPerWorkflow, tasksPerRequest } = API_LIMITS;
  const definitions: unknown[] = Array.isArray(body) ? body : [body];
  if (definitions.length > workflowsPerRequest) {
    const detail = `The request has ${definitions.length} workflows; at most ${workflowsPerRequest} are allowed. Send several requests.`;
    throw new ProblemError("OVER_LIMIT", detail);
  }
  const sizes = definitions.map((definition) => {
    const tasks = (definition as { tasks?: unknown } | null)?.tasks;
    return Array.isArray(tasks) ? tasks.length : 0;
  });
  const largest = Math.max(...sizes, 0);
  if (largest > tasksPerWorkflow) {
    const detail = `A workflow has ${largest} tasks; at most ${tasksPerWorkflow} are allowed. Split it into several workflows.`;
    throw new ProblemError("OVER_LIMIT", detail);
  }
  if (sizes.reduce((sum, size) => sum + size, 0) > tasksPerRequest) throw tooManyTogether();
}

function plan(
  { definitions, isBatch }: Submission,
  { agentTypes, trace, sampling }: PreparationContext,
): PlannedWorkflow[] {
  const isSampled = sampler(sampling);
  const errors: ProblemDetail[] = [];
  const workflows: PlannedWorkflow[] = [];
  const room = { tasks: API_LIMITS.tasksPerRequest, dependencies: API_LIMITS.dependenciesPerRequest };
  for (const [index, definition] of definitions.entries()) {
    const own = isBatch || trace === undefined ? { traceparent: newTraceparent(isSampled()) } : childOf(trace);
    const planned = planWorkflow(definition, { agentTypes, id: uuidv7(), ...own });
    if (planned.workflow) workflows.push(take(planned.workflow, room));
    else errors.push(...planned.problems.map((problem) => (isBatch ? inBatch(problem, index) : problem)));
    if (errors.length > MAX_REPORTED_PROBLEMS) break;
  }
  if (errors.length === 0) return workflows;
  const onlySizes = errors.every((error) => error.code === INPUT_TOO_LARGE);
  const detail = errors.length === 1 ? errors[0]!.message : `The definition has ${errors.length} errors.`;
  throw new ProblemError(onlySizes ? "OVER_LIMIT" : "INVALID_DEFINITION", detail, { errors });
}

/** All workflows together are one transaction; a few phases, which multiply, would fill the memory. */
function take(workflow: PlannedWorkflow, room: { tasks: number; dependencies: number }): PlannedWorkflow {
  room.tasks -= workflow.tasks.length;
  room.dependencies -= workflow.tasks.reduce((sum, task) => sum + task.dependsOn.length, 0);
  if (room.tasks >= 0 && room.dependencies >= 0) return workflow;
  throw tooManyTogether();
}

function tooManyTogether(): ProblemError {
  const { tasksPerRequest, dependenciesPerRequest } = API_LIMITS;
  const detail =
    `The workflows of a request may have ${tasksPerRequest} tasks and ${dependenciesPerRequest} dependencies together; ` +
    "these have more. Send several requests.";
  return new ProblemError("OVER_LIMIT", detail);
}

const childOf = (trace: TraceContext): TraceContext => ({
  ...trace,
  traceparent: childTraceparent(trace.traceparent),
});

const inBatch = (problem: Problem, index: number): ProblemDetail => ({ ...problem, path: `${index}/${problem.path}` });
