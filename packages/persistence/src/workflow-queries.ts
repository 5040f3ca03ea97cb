import {
  traceUrl,
  type AttemptView,
  type DeadLetterView,
  type TaskError,
  type TaskView,
  type WorkflowState,
  type WorkflowView,
} from "@agent-hive/contracts";
import { LessThan, type DataSource } from "typeorm";
import { AttemptEntity } from "./entities/attempt.entity.js";
import { DeadLetterEntity } from "./entities/dead-letter.entity.js";
import { TaskEntity } from "./entities/task.entity.js";
import { WorkflowEntity } from "./entities/workflow.entity.js";

/** Which page of a list: `cursor` is the `next` of the page before. */
export interface PageRequest {
  /** Default 50, at most 1000. */
  limit?: number;
  cursor?: string;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** Plain reads, in the shapes of the API. Lists over all workflows begin with the newest. */
export class WorkflowQueries {
  /** @param traces where traces are looked at, with `{traceId}` in it. Default: views have no such address. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly traces?: string,
  ) {}

  async list(
    page: PageRequest & { state?: WorkflowState } = {},
  ): Promise<{ workflows: WorkflowView[]; next: string | null }> {
    const limit = limitOf(page);
    const found = await this.dataSource.getRepository(WorkflowEntity).find({
      where: { ...(page.state && { state: page.state }), ...(page.cursor && { id: LessThan(page.cursor) }) },
      order: { id: "DESC" },
      take: limit + 1,
    });
    const workflows = found.slice(0, limit);
    return { workflows: await this.views(workflows), next: found.length > limit ? workflows.at(-1)!.id : null };
  }

  /** @returns null if there is no such workflow. */
  async workflow(id: string): Promise<WorkflowView | null> {
    const found = await this.dataSource.getRepository(WorkflowEntity).findOneBy({ id });
    return found === null ? null : (await this.views([found]))[0]!;
  }

  /** In the order of positions; empty if there is no such workflow. */
  async tasks(workflowId: string): Promise<TaskView[]> {
    const tasks = await this.dataSource
      .getRepository(TaskEntity)
      .find({ where: { workflowId }, order: { position: "ASC" } });
    const dependsOn = tasks.map((): string[] => []);
    for (const { taskId, successors } of tasks) {
      for (const successor of successors) dependsOn[successor]!.push(taskId);
    }
    return tasks.map((task) => taskView(task, dependsOn[task.position]!));
  }

  /** @returns null if there is no such task. */
  async task(workflowId: string, taskId: string): Promise<TaskView | null> {
    const repository = this.dataSource.getRepository(TaskEntity);
    const task = await repository.findOneBy({ workflowId, taskId });
    if (task === null) return null;
    const dependencies = await repository
      .createQueryBuilder("task")
      .select("task.taskId", "taskId")
      .where("task.workflowId = :workflowId and :position = any (task.successors)", {
        workflowId,
        position: task.position,
      })
      .orderBy("task.position")
      .getRawMany<{ taskId: string }>();
    return taskView(
      task,
      dependencies.map((dependency) => dependency.taskId),
    );
  }

  /** History of a workflow's attempts, or of one task's, in the order in which they ran: by attempt, then by start. */
  async attempts(workflowId: string, taskId?: string): Promise<AttemptView[]> {
    const tasks = await this.dataSource.getRepository(TaskEntity).find({
      select: { position: true, taskId: true, agentType: true },
      where: { workflowId, ...(taskId !== undefined && { taskId }) },
    });
    const byPosition = new Map(tasks.map((task) => [task.position, task]));
    const position = taskId === undefined ? undefined : tasks[0]?.position;
    if (tasks.length === 0) return [];
    const attempts = await this.dataSource.getRepository(AttemptEntity).find({
      where: { workflowId, ...(position !== undefined && { position }) },
      order: { position: "ASC", attempt: "ASC", startedAt: { direction: "ASC", nulls: "LAST" }, recordedAt: "ASC" },
    });
    return attempts.map((attempt) => attemptView(attempt, byPosition.get(attempt.position)!));
  }

  async deadLetters(page: PageRequest = {}): Promise<{ deadLetters: DeadLetterView[]; next: string | null }> {
    const limit = limitOf(page);
    const found = await this.dataSource.getRepository(DeadLetterEntity).find({
      ...(page.cursor && { where: { id: LessThan(page.cursor) } }),
      order: { id: "DESC" },
      take: limit + 1,
    });
    const letters = found.slice(0, limit);
    const taskIds = await this.taskIds(letters);
    return {
      deadLetters: letters.map((letter) => deadLetterView(letter, taskIds.get(keyOf(letter)) ?? null)),
      next: found.length > limit ? letters.at(-1)!.id : null,
    };
  }

  private async views(workflows: WorkflowEntity[]): Promise<WorkflowView[]> {
    const failures = workflows.map(({ id, failedPosition }) => ({ workflowId: id, position: failedPosition }));
    const failed = await this.tasksAt(failures);
    return workflows.map((workflow) =>
      workflowView(
        workflow,
        failed.get(keyOf({ workflowId: workflow.id, position: workflow.failedPosition })),
        this.traces,
      ),
    );
  }

  private async taskIds(keys: Place[]): Promise<Map<string, string>> {
    return new Map([...(await this.tasksAt(keys))].map(([key, task]) => [key, task.taskId]));
  }

  private async tasksAt(keys: Place[]): Promise<Map<string, TaskEntity>> {
    const where = keys.flatMap(({ workflowId, position }) =>
      workflowId === null || position === null ? [] : [{ workflowId, position }],
    );
    if (where.length === 0) return new Map();
    const tasks = await this.dataSource.getRepository(TaskEntity).find({ where });
    return new Map(tasks.map((task) => [keyOf(task), task]));
  }
}

/** A task's key, where there may be none. */
type Place = { workflowId: string | null; position: number | null };

const keyOf = ({ workflowId, position }: Place): string => `${workflowId}:${position}`;

const limitOf = ({ limit = DEFAULT_LIMIT }: PageRequest): number => Math.min(Math.max(1, limit), MAX_LIMIT);

const isoOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

const errorOrNull = (json: string | null): TaskError | null => (json === null ? null : JSON.parse(json));

function workflowView(workflow: WorkflowEntity, failed: TaskEntity | undefined, traces?: string): WorkflowView {
  const { id, name, state, priority, total, succeeded, cancelled, dead, traceparent, createdAt, finishedAt } = workflow;
  const live = total - succeeded - workflow.failed - cancelled - dead;
  return {
    id,
    name,
    state,
    priority,
    tasks: { total, succeeded, failed: workflow.failed, cancelled, dead, live },
    failure: failed?.error ? { taskId: failed.taskId, error: JSON.parse(failed.error) } : null,
    createdAt: createdAt.toISOString(),
    finishedAt: isoOrNull(finishedAt),
    traceparent,
    traceUrl: traceUrl(traces, traceparent),
  };
}

function taskView(task: TaskEntity, dependsOn: string[]): TaskView {
  const { workflowId, position, agentType, handler, state, openDependencies, attempt, crashes } = task;
  return {
    workflowId,
    id: task.taskId,
    position,
    agentType,
    handler,
    state,
    dependsOn,
    openDependencies,
    attempt,
    crashes,
    error: errorOrNull(task.error),
    artifact: task.artifactSha256 === null ? null : { sha256: task.artifactSha256, bytes: Number(task.artifactBytes) },
    dispatchedAt: isoOrNull(task.dispatchedAt),
    dueAt: isoOrNull(task.dueAt),
    finishedAt: isoOrNull(task.finishedAt),
  };
}

function attemptView(attempt: AttemptEntity, task: TaskEntity): AttemptView {
  const { workflowId, outcome, agentId, incarnation, entryId, runMs } = attempt;
  return {
    workflowId,
    taskId: task.taskId,
    attempt: attempt.attempt,
    outcome,
    agentType: task.agentType,
    agentId,
    incarnation,
    entryId,
    error: errorOrNull(attempt.error),
    dispatchedAt: isoOrNull(attempt.dispatchedAt),
    startedAt: isoOrNull(attempt.startedAt),
    finishedAt: isoOrNull(attempt.finishedAt),
    runMs,
    recordedAt: attempt.recordedAt.toISOString(),
  };
}

function deadLetterView(letter: DeadLetterEntity, taskId: string | null): DeadLetterView {
  const { id, reason, message, workflowId, attempt, stream, entryId } = letter;
  return {
    id,
    reason,
    message,
    workflowId,
    taskId,
    attempt,
    stream,
    entryId,
    fields: JSON.parse(letter.fields),
    createdAt: letter.createdAt.toISOString(),
  };
}
