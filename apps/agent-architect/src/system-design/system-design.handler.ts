import { Handler, type Task, type TaskHandler } from "@agent-hive/agent-sdk";
import { specificationOf, type TaskOutput } from "@agent-hive/product-spec";
import { designSystem } from "./design-system.js";

/** Task `system_design`: from the specification alone. */
@Handler("system_design")
export class SystemDesign implements TaskHandler {
  execute(task: Task): TaskOutput {
    return designSystem(specificationOf(task.workflowInput));
  }
}
