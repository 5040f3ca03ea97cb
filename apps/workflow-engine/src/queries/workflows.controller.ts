import { Controller, Get, Param, Query, Res, UseGuards } from "@nestjs/common";
import { ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import {
  WORKFLOW_STATES,
  attemptViewSchema,
  taskViewSchema,
  workflowListSchema,
  workflowViewSchema,
  type AttemptView,
  type TaskView,
  type WorkflowList,
  type WorkflowView,
} from "@agent-hive/contracts";
import { WorkflowQueries, WorkflowStore } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";
import { ApiProblems } from "../http/api-problems.js";
import { StoreGuard } from "../store/store-guard.js";
import { pageSchema } from "./page.js";

const listQuerySchema = pageSchema.extend({ state: z.enum(WORKFLOW_STATES).optional() });
const idSchema = z.uuid();
const taskIdSchema = z.string().max(128);
const taskListSchema = z.object({ tasks: z.array(taskViewSchema) });
const attemptListSchema = z.object({ attempts: z.array(attemptViewSchema) });

/** Plain reads of workflows, their tasks, outputs and history. */
@ApiTags("workflows")
@Controller("v1/workflows")
@UseGuards(StoreGuard)
export class WorkflowsController {
  constructor(
    private readonly queries: WorkflowQueries,
    private readonly store: WorkflowStore,
  ) {}

  @Get()
  @ApiOperation({ operationId: "listWorkflows", summary: "Workflows, newest first" })
  @ApiResponse({ status: 200, standardSchema: workflowListSchema })
  @ApiProblems(400, 503)
  async list(@Query({ schema: listQuerySchema }) query: z.infer<typeof listQuerySchema>): Promise<WorkflowList> {
    return this.queries.list(query);
  }

  @Get(":id")
  @ApiOperation({ operationId: "getWorkflow", summary: "One workflow" })
  @ApiResponse({ status: 200, standardSchema: workflowViewSchema })
  @ApiProblems(404, 503)
  async workflow(@Param("id", { schema: idSchema }) id: string): Promise<WorkflowView> {
    return (await this.queries.workflow(id)) ?? notFound(id);
  }

  @Get(":id/tasks")
  @ApiOperation({ operationId: "listTasks", summary: "All tasks of a workflow, in the order submitted" })
  @ApiResponse({ status: 200, standardSchema: taskListSchema })
  @ApiProblems(404, 503)
  async tasks(@Param("id", { schema: idSchema }) id: string): Promise<{ tasks: TaskView[] }> {
    const tasks = await this.queries.tasks(id);
    return tasks.length > 0 ? { tasks } : notFound(id);
  }

  @Get(":id/tasks/:taskId")
  @ApiOperation({ operationId: "getTask", summary: "One task" })
  @ApiResponse({ status: 200, standardSchema: taskViewSchema })
  @ApiProblems(404, 503)
  async task(
    @Param("id", { schema: idSchema }) id: string,
    @Param("taskId", { schema: taskIdSchema }) taskId: string,
  ): Promise<TaskView> {
    return (await this.queries.task(id, taskId)) ?? notFound(id, taskId);
  }

  @Get(":id/tasks/:taskId/output")
  @ApiOperation({ operationId: "getOutput", summary: "The recorded output of a task, as JSON" })
  @ApiResponse({ status: 200, description: "The output, whatever JSON it is", standardSchema: z.json() })
  @ApiProblems(404, 409, 503)
  async output(
    @Param("id", { schema: idSchema }) id: string,
    @Param("taskId", { schema: taskIdSchema }) taskId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const output = (await this.store.outputOf(id, taskId)) ?? notFound(id, taskId);
    if (output.kind === "none") {
      throw new ProblemError(
        "CONFLICT",
        `Task "${taskId}" is ${output.state}; only a task that succeeded has an output.`,
      );
    }
    const json = output.kind === "inline" ? (output.output ?? "null") : output.content;
    void reply.header("content-type", "application/json; charset=utf-8").send(json);
  }

  @Get(":id/tasks/:taskId/attempts")
  @ApiOperation({ operationId: "listTaskAttempts", summary: "The history of one task" })
  @ApiResponse({ status: 200, standardSchema: attemptListSchema })
  @ApiProblems(404, 503)
  async taskAttempts(
    @Param("id", { schema: idSchema }) id: string,
    @Param("taskId", { schema: taskIdSchema }) taskId: string,
  ): Promise<{ attempts: AttemptView[] }> {
    const attempts = await this.queries.attempts(id, taskId);
    if (attempts.length === 0 && !(await this.queries.task(id, taskId))) notFound(id, taskId);
    return { attempts };
  }

  @Get(":id/attempts")
  @ApiOperation({ operationId: "listAttempts", summary: "The history of all tasks of a workflow" })
  @ApiResponse({ status: 200, standardSchema: attemptListSchema })
  @ApiProblems(404, 503)
  async attempts(@Param("id", { schema: idSchema }) id: string): Promise<{ attempts: AttemptView[] }> {
    const attempts = await this.queries.attempts(id);
    if (attempts.length === 0 && !(await this.queries.workflow(id))) notFound(id);
    return { attempts };
  }
}

function notFound(id: string, taskId?: string): never {
  const what = taskId === undefined ? `workflow "${id}"` : `task "${taskId}" in workflow "${id}"`;
  throw new ProblemError("NOT_FOUND", `There is no ${what}.`);
}
