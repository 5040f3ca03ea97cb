import { Body, Controller, Get, HttpStatus, Param, Put, Res, UseGuards } from "@nestjs/common";
import { ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { API_LIMITS } from "@agent-hive/contracts";
import { ArtifactMismatchError, WorkflowStore } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";
import { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import { ApiProblems } from "../http/api-problems.js";
import { validate } from "../http/validation.js";
import { StoreGuard } from "../store/store-guard.js";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

/** Large outputs, addressed by the SHA-256 of their bytes: putting one twice is putting it once. */
@ApiTags("artifacts")
@Controller("v1/artifacts")
@UseGuards(StoreGuard)
export class ArtifactsController {
  constructor(
    private readonly state: WorkflowStateManager,
    private readonly store: WorkflowStore,
  ) {}

  @Put(":sha256")
  @ApiOperation({ operationId: "putArtifact", summary: "Store bytes under their SHA-256 (at most 16 MiB)" })
  @ApiResponse({ status: 204, description: "Stored" })
  @ApiProblems(400, 413, 415, 503)
  async put(@Param("sha256") sha256: string, @Body() content: unknown, @Res() reply: FastifyReply): Promise<void> {
    validate(sha256Schema, sha256, "address");
    const bytes = Buffer.isBuffer(content) ? content : Buffer.alloc(0);
    if (bytes.length > API_LIMITS.artifactBytes) {
      throw new ProblemError(
        "OVER_LIMIT",
        `The artifact has ${bytes.length} bytes; at most ${API_LIMITS.artifactBytes} are allowed.`,
      );
    }
    await this.state.putArtifact(sha256, bytes).catch(refuseMismatch);
    void reply.status(HttpStatus.NO_CONTENT).send();
  }

  @Get(":sha256")
  @ApiOperation({ operationId: "getArtifact", summary: "The bytes of an artifact" })
  @ApiResponse({ status: 200, content: { "application/octet-stream": {} } })
  @ApiProblems(404, 503)
  async get(@Param("sha256", { schema: sha256Schema }) sha256: string, @Res() reply: FastifyReply): Promise<void> {
    const content = await this.store.getArtifact(sha256);
    if (!content) throw new ProblemError("NOT_FOUND", `There is no artifact ${sha256}.`);
    void reply.header("content-type", "application/octet-stream").send(content);
  }
}

function refuseMismatch(error: unknown): never {
  if (error instanceof ArtifactMismatchError) throw new ProblemError("INVALID_REQUEST", error.message);
  throw error;
}
