import { Controller, HttpCode, HttpStatus, Param, Post, UseGuards } from "@nestjs/common";
import { ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { WORKFLOW_STATES } from "@agent-hive/contracts";
import { ApiProblems } from "../http/api-problems.js";
import { StoreGuard } from "../store/store-guard.js";
import { WorkflowCanceller } from "./workflow-canceller.js";

const cancelledSchema = z.object({ id: z.uuid(), state: z.enum(WORKFLOW_STATES) }).meta({ id: "CancelledWorkflow" });

/** `POST /v1/workflows/:id/cancel`. */
@ApiTags("workflows")
@Controller("v1/workflows")
@UseGuards(StoreGuard)
export class CancelController {
  constructor(private readonly canceller: WorkflowCanceller) {}

  @Post(":id/cancel")
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: "cancelWorkflow",
    summary: "Cancel a workflow and all its live tasks",
    description:
      "No result is recorded after it. Cancelling again changes nothing; a workflow that ended otherwise is a conflict.",
  })
  @ApiResponse({ status: 200, standardSchema: cancelledSchema })
  @ApiProblems(404, 409, 503)
  async cancel(@Param("id", { schema: z.uuid() }) id: string): Promise<z.infer<typeof cancelledSchema>> {
    await this.canceller.cancel(id);
    return { id, state: "cancelled" };
  }
}
