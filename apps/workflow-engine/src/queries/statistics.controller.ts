import { Controller, Get, UseGuards } from "@nestjs/common";
import { ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { taskCountsSchema, WORKFLOW_STATES } from "@agent-hive/contracts";
import { WorkflowStore } from "@agent-hive/persistence";
import { GroupWindows } from "../advancing/group-windows.js";
import { ApiProblems } from "../http/api-problems.js";
import { StoreGuard } from "../store/store-guard.js";

const countsSchema = z.record(z.string(), z.int());

const statisticsSchema = z
  .object({
    workflows: z.record(z.enum(WORKFLOW_STATES), z.int()),
    tasks: taskCountsSchema,
    /** Attempts by outcome. */
    attempts: countsSchema,
    deadLetters: z.int(),
    /** Ready tasks that wait in PostgreSQL, by agent type. */
    backlog: countsSchema,
    /** Tasks that are in Redis or about to be, by agent type, as this engine sees it. */
    inFlight: countsSchema,
  })
  .meta({ id: "Statistics" });

/** Counts over everything stored. */
@ApiTags("statistics")
@Controller("v1/statistics")
@UseGuards(StoreGuard)
export class StatisticsController {
  constructor(
    private readonly store: WorkflowStore,
    private readonly windows: GroupWindows,
  ) {}

  @Get()
  @ApiOperation({ operationId: "getStatistics", summary: "Counts from primary records" })
  @ApiResponse({ status: 200, standardSchema: statisticsSchema })
  @ApiProblems(503)
  async statistics(): Promise<z.infer<typeof statisticsSchema>> {
    return { ...(await this.store.statistics()), inFlight: this.windows.inFlight() };
  }
}
