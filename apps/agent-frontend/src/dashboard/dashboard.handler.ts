import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { buildDashboard } from "./build-dashboard.js";

/** Task `dashboard`: from what the tasks before it built. */
@Handler("dashboard")
export class Dashboard implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return buildDashboard(await ancestorOutputs("dashboard", context));
  }
}
