import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { buildAuthSystem } from "./build-auth-system.js";

/** Task `auth_system`: from what the tasks before it built. */
@Handler("auth_system")
export class AuthSystem implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return buildAuthSystem(await ancestorOutputs("auth_system", context));
  }
}
