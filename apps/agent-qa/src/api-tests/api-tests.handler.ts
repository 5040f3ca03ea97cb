import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, specificationOf } from "@agent-hive/product-spec";
import type { TestReport } from "../checks/run-tests.js";
import { testApi } from "./test-api.js";

/** Task `api_tests`: starts what the tasks before it built, and tests it against the specification. */
@Handler("api_tests")
export class ApiTests implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<TestReport> {
    const spec = specificationOf(task.workflowInput);
    return testApi(spec, await ancestorOutputs("api_tests", context), context.signal);
  }
}
