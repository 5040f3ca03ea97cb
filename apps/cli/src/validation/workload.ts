/** Workflows of load handlers, which are submitted to a hive to see what it does with them. */
import { randomUUID } from "node:crypto";
import type { GroupView, WorkflowDefinitionInput, WorkflowView } from "@agent-hive/contracts";
import { PRODUCT_TASKS } from "@agent-hive/product-spec";
import type { Bench } from "./check.js";
import { until } from "./waiting.js";

const HANDLERS = ["noop", "echo", "hash"];
const ENDED_WITHIN_MS = 60_000;
/** About 5 ms of work. */
const SOME_WORK = { bytes: 2_000_000 };

/** Why no load handler can run there; undefined if all can. */
export function lackOfHandlers({ group, capabilities }: GroupView): string | undefined {
  const missing = HANDLERS.filter((handler) => !capabilities.includes(handler));
  if (missing.length === 0) return undefined;
  return `${group} has no handler ${missing.join(", ")}. Start the hive with HIVE_LOAD_HANDLERS=true.`;
}

/** Four tasks of one type: one, then two beside each other that work, then one. */
export function diamond(agentType: string): WorkflowDefinitionInput {
  const hash = { agentType, handler: "hash", input: SOME_WORK, dependsOn: ["first"] };
  return {
    name: `validation-${agentType}`,
    tasks: [
      { id: "first", agentType, handler: "echo", input: { agentType } },
      { id: "left", ...hash },
      { id: "right", ...hash },
      { id: "last", agentType, handler: "noop", dependsOn: ["left", "right"] },
    ],
  };
}

/** One task that works a little. */
export function single(agentType: string, taskId: string): WorkflowDefinitionInput {
  return {
    name: `validation-${taskId}`,
    tasks: [{ id: taskId, agentType, handler: "hash", input: SOME_WORK }],
  };
}

/** The demonstration's graph of eleven tasks that do nothing: what is left are the messages. */
export function elevenTasks(): WorkflowDefinitionInput {
  const tasks = PRODUCT_TASKS.map((task) => ({ ...task, dependsOn: [...task.dependsOn], handler: "noop" }));
  return { name: "validation-burst", tasks };
}

/** Submits with a key, so that the validator can see that a key has one workflow. */
export async function submitOne({ client }: Bench, definition: WorkflowDefinitionInput): Promise<string> {
  return (await client.submit(definition, { idempotencyKey: randomUUID() })).id;
}

/**
 * The workflow once it has ended, however that may be.
 *
 * @throws Error after a minute.
 */
export function ended({ client, signal }: Bench, workflowId: string): Promise<WorkflowView> {
  const look = async (): Promise<WorkflowView | undefined> => {
    const workflow = await client.workflow(workflowId);
    return workflow.state === "running" ? undefined : workflow;
  };
  return until(`workflow ${workflowId} has ended`, look, { withinMs: ENDED_WITHIN_MS, signal });
}
