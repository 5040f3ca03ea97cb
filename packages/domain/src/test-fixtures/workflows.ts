/** Small workflows for tests. Only tests import this. */
import { DependencyGraphBuilder } from "../graph/dependency-graph-builder.js";
import type { GraphTask } from "../graph/graph-task.js";
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from "../retry/retry-policy.js";
import type { RecordOptions } from "../workflow/record-results.js";
import { startWorkflow, type Workflow, type Workflows } from "../workflow/workflow.js";

export interface WorkflowSketch {
  id?: string;
  priority?: number;
  retry?: Partial<RetryPolicy>;
}

/** A workflow from lines such as `"join: left right"`; an agent type other than `qa` follows an `@`: `"join@backend"`. */
export function workflow(lines: string[], { id = "w", priority, retry }: WorkflowSketch = {}): Workflow {
  const tasks = lines.map((line): GraphTask => {
    const [name = "", dependencies = ""] = line.split(":");
    const [taskId = "", agentType = "qa"] = name.trim().split("@");
    return { id: taskId, agentType, dependsOn: dependencies.split(" ").filter(Boolean) };
  });
  const { graph, problems } = new DependencyGraphBuilder().build({ tasks });
  if (graph === undefined) throw new Error(JSON.stringify(problems));
  const policy: RetryPolicy = { ...DEFAULT_RETRY_POLICY, jitter: "none", ...retry };
  return startWorkflow({ id, graph, priority, retryOf: () => policy });
}

export function byId(...workflows: Workflow[]): Workflows {
  return new Map(workflows.map((each) => [each.id, each]));
}

/** Room for everything, at time 1,000, without chance. */
export const OPTIONS: RecordOptions = {
  now: 1_000,
  random: () => 0,
  freeSlotsByType: new Map(["architects", "backend", "frontend", "qa"].map((type) => [type, Infinity])),
};

/** Task states in short, `id status attempt`, for expectations that read by themselves. */
export function states(workflows: Workflows, id = "w"): string[] {
  return workflows.get(id)!.tasks.map((task) => `${task.id} ${task.status} ${task.attempt}`);
}
