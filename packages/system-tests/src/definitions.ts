import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { PRODUCT_TASKS } from "@agent-hive/product-spec";

type TaskInput = NonNullable<WorkflowDefinitionInput["tasks"]>[number];

/** The demonstration's graph of eleven tasks, all run by one of the handlers for load. */
export function elevenTasks(
  handler: "noop" | "echo" | "hash",
  options: Partial<TaskInput> = {},
): WorkflowDefinitionInput {
  return {
    name: `eleven-${handler}`,
    tasks: PRODUCT_TASKS.map((task) => ({ ...task, dependsOn: [...task.dependsOn], handler, ...options })),
  };
}

/** One task, then `width` tasks that wait for it, then one that waits for all of these; all of one type, doing nothing. */
export function fanOut(width: number): WorkflowDefinitionInput {
  const middle = Array.from({ length: width }, (_, index) => `middle-${index + 1}`);
  const task = (id: string, dependsOn: string[]): TaskInput => ({
    id,
    agentType: "backend",
    handler: "noop",
    dependsOn,
  });
  return {
    name: `fan-out-${width}`,
    tasks: [task("first", []), ...middle.map((id) => task(id, ["first"])), task("last", middle)],
  };
}

/** A workflow of one task that does what its `fault` handler is told. */
export function faulty(mode: string, options: Partial<TaskInput> = {}): WorkflowDefinitionInput {
  return {
    name: `faulty-${mode}`,
    tasks: [
      {
        id: mode,
        agentType: "backend",
        handler: "fault",
        input: { mode },
        retry: { maxAttempts: 2, initialDelayMs: 10 },
        ...options,
      },
    ],
  };
}
