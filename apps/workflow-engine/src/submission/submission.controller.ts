import { Body, Controller, Headers, HttpStatus, Post, Res, UseGuards } from "@nestjs/common";
import { ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import {
  traceparentSchema,
  tracestateSchema,
  workflowBatchSchema,
  workflowDefinitionSchema,
  type TraceContext,
} from "@agent-hive/contracts";
import { ProblemError } from "@agent-hive/service-kit";
import { ApiProblems } from "../http/api-problems.js";
import { BODY_TYPES, unsupported } from "../http/request-bodies.js";
import { validate } from "../http/validation.js";
import { StoreGuard } from "../store/store-guard.js";
import type { SubmissionBody } from "./submission-body.js";
import { submittedBatchSchema, submittedWorkflowSchema, type SubmittedWorkflow } from "./submitted.js";
import { WorkflowSubmitter } from "./workflow-submitter.js";

const idempotencyKeySchema = z.string().min(1).max(255).optional();
const bodySchema = z.union([workflowDefinitionSchema, workflowBatchSchema]);
const answerSchema = z.union([submittedWorkflowSchema, submittedBatchSchema]);

/** `POST /v1/workflows`: one workflow or a list of them, all or none. */
@ApiTags("workflows")
@Controller("v1/workflows")
@UseGuards(StoreGuard)
export class SubmissionController {
  constructor(private readonly submitter: WorkflowSubmitter) {}

  @Post()
  @ApiOperation({
    operationId: "submitWorkflows",
    summary: "Submit a workflow, or up to 1,000 as a list",
    description:
      "A list is accepted or refused as a whole. With the same Idempotency-Key and the same body the answer is that of the " +
      "first time, with status 200 and `Idempotency-Replayed: true`. A valid `traceparent` becomes the workflow's trace. " +
      "Bodies have 64 MiB at most, and may be gzipped (`content-encoding: gzip`), which does not change that. Large " +
      "workflows can be sent as `application/x-ndjson`: the first line is an object with the workflow's own fields (`name`, " +
      "`input`, `priority`), and each line after it is one task. Errors name the line.",
  })
  @ApiHeader({ name: "Idempotency-Key", required: false, description: "1 to 255 characters" })
  @ApiHeader({ name: "traceparent", required: false, description: "W3C trace context" })
  @ApiConsumes("application/json", "application/x-ndjson")
  @ApiResponse({ status: 201, description: "Accepted", standardSchema: answerSchema })
  @ApiResponse({
    status: 200,
    description: "Accepted before, with the same Idempotency-Key",
    standardSchema: answerSchema,
  })
  @ApiProblems(400, 408, 409, 413, 415, 422, 429, 503)
  async submit(
    @Body({ schema: bodySchema }) body: unknown,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubmittedWorkflow | { workflows: SubmittedWorkflow[] }> {
    const idempotencyKey = validate(idempotencyKeySchema, headers["idempotency-key"], "header Idempotency-Key");
    const sent = bodyOf(body, headers["content-type"]);
    const { workflows, isBatch, replayed } = await this.submitter.submit(sent, {
      idempotencyKey,
      trace: traceOf(headers),
    });
    void reply.status(replayed ? HttpStatus.OK : HttpStatus.CREATED);
    if (replayed) void reply.header("idempotency-replayed", "true");
    if (isBatch) return { workflows };
    void reply.header("location", workflows[0]!.links.self);
    return workflows[0]!;
  }
}

/** Bytes of a type that may be a submission; without any body there is no type either. */
function bodyOf(body: unknown, contentType = ""): SubmissionBody {
  if (!Buffer.isBuffer(body)) throw new ProblemError("MALFORMED_REQUEST", "The body is empty. Send JSON.");
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) throw unsupported(`The ${charset}`);
  if (is(BODY_TYPES.json, type)) return { bytes: body, format: "json" };
  if (is(BODY_TYPES.ndjson, type)) return { bytes: body, format: "ndjson" };
  throw unsupported(`"${type}"`);
}

const is = (types: readonly string[], type: string): boolean => types.includes(type);

/** What is no valid context is ignored, as its specification asks. */
function traceOf({ traceparent, tracestate }: Record<string, string | undefined>): TraceContext | undefined {
  const parent = traceparentSchema.safeParse(traceparent);
  if (!parent.success) return undefined;
  const state = tracestateSchema.safeParse(tracestate);
  return { traceparent: parent.data, ...(state.success ? { tracestate: state.data } : {}) };
}
