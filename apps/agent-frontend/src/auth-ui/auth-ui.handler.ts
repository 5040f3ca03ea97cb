import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { buildAuthUi } from "./build-auth-ui.js";

/** Task `auth_ui`: from what the tasks before it built. */
@Handler("auth_ui")
export class AuthUi implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return buildAuthUi(await ancestorOutputs("auth_ui", context));
  }
}
