import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, specificationOf } from "@agent-hive/product-spec";
import type { TestReport } from "../checks/run-tests.js";
import { testIntegration } from "./test-integration.js";

/** Task `integration_tests`: starts what the tasks before it built, and tests it against the specification. */
@Handler("integration_tests")
export class IntegrationTests implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<TestReport> {
    const spec = specificationOf(task.workflowInput);
    return testIntegration(spec, await ancestorOutputs("integration_tests", context), context.signal);
  }
}
