import { architectBuilders } from "@agent-hive/agent-architect";
import { backendBuilders } from "@agent-hive/agent-backend";
import { frontendBuilders } from "@agent-hive/agent-frontend";
import { ancestorsOf, PRODUCT_TASKS, type ProductSpec, type TaskOutput } from "@agent-hive/product-spec";

const BUILDERS = { ...architectBuilders, ...backendBuilders, ...frontendBuilders };

/** For tests: what the building tasks put out for a specification, each from the outputs of its ancestors alone. */
export function buildProduct(spec: ProductSpec): Record<string, TaskOutput> {
  const outputs: Record<string, TaskOutput> = {};
  for (const { id } of PRODUCT_TASKS) {
    const build = BUILDERS[id];
    if (build) outputs[id] = build(spec, outputsBefore(id, outputs));
  }
  return outputs;
}

/** For tests: of these outputs, those a task may read. */
export function outputsBefore(taskId: string, outputs: Record<string, TaskOutput>): Record<string, TaskOutput> {
  const ancestors = ancestorsOf(taskId).filter((id) => id in outputs);
  return Object.fromEntries(ancestors.map((id) => [id, outputs[id]!]));
}
