import { slugOf } from "./naming.js";
import { parseProductSpec } from "./parse-product-spec.js";

/** A task of the building workflow; its handler has the task's name. */
export interface ProductTask {
  id: string;
  agentType: "architects" | "backend" | "frontend" | "qa";
  dependsOn: string[];
}

/** The eleven tasks that build and test an application. */
export const PRODUCT_TASKS: readonly ProductTask[] = [
  { id: "system_design", agentType: "architects", dependsOn: [] },
  { id: "database_design", agentType: "architects", dependsOn: [] },
  { id: "api_development", agentType: "backend", dependsOn: ["system_design"] },
  { id: "db_integration", agentType: "backend", dependsOn: ["database_design"] },
  { id: "auth_system", agentType: "backend", dependsOn: ["api_development"] },
  { id: "ui_components", agentType: "frontend", dependsOn: ["api_development"] },
  { id: "dashboard", agentType: "frontend", dependsOn: ["db_integration", "ui_components"] },
  { id: "auth_ui", agentType: "frontend", dependsOn: ["auth_system", "ui_components"] },
  { id: "api_tests", agentType: "qa", dependsOn: ["api_development", "db_integration", "auth_system"] },
  { id: "ui_tests", agentType: "qa", dependsOn: ["ui_components", "dashboard", "auth_ui"] },
  { id: "integration_tests", agentType: "qa", dependsOn: ["api_tests", "ui_tests"] },
];

/** Every task that has to be done before the given one, in the order of `PRODUCT_TASKS`. Throws an Error for an unknown task. */
export function ancestorsOf(taskId: string): string[] {
  const found = new Set<string>();
  const collect = (id: string): void => {
    const task = PRODUCT_TASKS.find((it) => it.id === id);
    if (!task) throw new Error(`There is no task "${id}" in the building workflow.`);
    for (const dependency of task.dependsOn) {
      found.add(dependency);
      collect(dependency);
    }
  };
  collect(taskId);
  return PRODUCT_TASKS.map((task) => task.id).filter((id) => found.has(id));
}

/** The definition of a building workflow, as `POST /v1/workflows` takes it. */
export interface ProductWorkflow {
  name: string;
  input: { specification: string };
  tasks: ProductTask[];
}

/**
 * The workflow that builds what a specification describes.
 *
 * @param specification the text of the specification; the agents read it from the workflow's input.
 * @throws ProductSpecError if it is not valid: better here than in eleven tasks.
 */
export function productWorkflow(specification: string): ProductWorkflow {
  const { name } = parseProductSpec(specification);
  return { name: `build-${slugOf(name)}`, input: { specification }, tasks: PRODUCT_TASKS.map((task) => ({ ...task })) };
}
