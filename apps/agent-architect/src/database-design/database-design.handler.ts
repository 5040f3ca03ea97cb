import { Handler, type Task, type TaskHandler } from "@agent-hive/agent-sdk";
import { specificationOf, type TaskOutput } from "@agent-hive/product-spec";
import { designDatabase } from "./design-database.js";

/** Task `database_design`: from the specification alone. */
@Handler("database_design")
export class DatabaseDesign implements TaskHandler {
  execute(task: Task): TaskOutput {
    return designDatabase(specificationOf(task.workflowInput));
  }
}
