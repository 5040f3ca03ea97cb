import type { WorkflowDefinitionInput } from "@agent-hive/contracts";

type TaskInput = NonNullable<WorkflowDefinitionInput["tasks"]>[number];

/** Writes a workflow's definition step by step: `workflow("order").task("fetch", "backend").task("rank", "backend", { dependsOn: ["fetch"] }).build()`. */
export class WorkflowBuilder {
  private readonly tasks: TaskInput[] = [];

  constructor(
    private readonly name: string,
    private readonly options: Pick<WorkflowDefinitionInput, "input" | "priority"> = {},
  ) {}

  /** Adds a task for agents of a type; `handler` is the task's id unless told otherwise. */
  task(id: string, agentType: string, options: Omit<TaskInput, "id" | "agentType"> = {}): this {
    this.tasks.push({ id, agentType, ...options });
    return this;
  }

  build(): WorkflowDefinitionInput {
    return { name: this.name, ...this.options, tasks: [...this.tasks] };
  }
}

/** Begins a workflow's definition. */
export function workflow(name: string, options?: Pick<WorkflowDefinitionInput, "input" | "priority">): WorkflowBuilder {
  return new WorkflowBuilder(name, options);
}
