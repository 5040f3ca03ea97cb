import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { developApi } from "./develop-api.js";

/** Task `api_development`: from what the tasks before it built. */
@Handler("api_development")
export class ApiDevelopment implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return developApi(await ancestorOutputs("api_development", context));
  }
}
