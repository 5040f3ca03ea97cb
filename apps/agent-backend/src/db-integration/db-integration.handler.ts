import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, type TaskOutput } from "@agent-hive/product-spec";
import { integrateDatabase } from "./integrate-database.js";

/** Task `db_integration`: from what the tasks before it built. */
@Handler("db_integration")
export class DbIntegration implements TaskHandler {
  async execute(_task: Task, context: TaskContext): Promise<TaskOutput> {
    return integrateDatabase(await ancestorOutputs("db_integration", context));
  }
}
