import { Handler, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { ancestorOutputs, specificationOf } from "@agent-hive/product-spec";
import type { TestReport } from "../checks/run-tests.js";
import { testUi } from "./test-ui.js";

/** Task `ui_tests`: starts what the tasks before it built, and tests it against the specification. */
@Handler("ui_tests")
export class UiTests implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<TestReport> {
    const spec = specificationOf(task.workflowInput);
    return testUi(spec, await ancestorOutputs("ui_tests", context), context.signal);
  }
}
