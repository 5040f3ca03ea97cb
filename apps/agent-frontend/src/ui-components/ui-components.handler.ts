import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { buildComponents } from "./build-components.js";

/** Task `ui_components`: from what the tasks before it built. */
@Handler("ui_components")
export class UiComponents implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return buildComponents(await ancestorOutputs("ui_components", context));
  }
}
