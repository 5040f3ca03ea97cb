import { Controller, Get, Query, UseGuards } from "@nestjs/common";
import { ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { deadLetterViewSchema } from "@agent-hive/contracts";
import { WorkflowQueries } from "@agent-hive/persistence";
import { ApiProblems } from "../http/api-problems.js";
import { StoreGuard } from "../store/store-guard.js";
import { pageSchema } from "./page.js";

const deadLetterListSchema = z
  .object({ deadLetters: z.array(deadLetterViewSchema), next: z.string().nullable() })
  .meta({ id: "DeadLetterList" });

/** What could not be processed, with its reason. */
@ApiTags("dead letters")
@Controller("v1/dead-letters")
@UseGuards(StoreGuard)
export class DeadLettersController {
  constructor(private readonly queries: WorkflowQueries) {}

  @Get()
  @ApiOperation({ operationId: "listDeadLetters", summary: "Dead letters, newest first" })
  @ApiResponse({ status: 200, standardSchema: deadLetterListSchema })
  @ApiProblems(400, 503)
  async list(
    @Query({ schema: pageSchema }) page: z.infer<typeof pageSchema>,
  ): Promise<z.infer<typeof deadLetterListSchema>> {
    return this.queries.deadLetters(page);
  }
}
