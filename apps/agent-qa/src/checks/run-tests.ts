import { assembleApplication, type ProductSpec, type TaskOutput } from "@agent-hive/product-spec";
import { RunningApplication } from "../running/running-application.js";
import { Checklist, type CheckResult } from "./checklist.js";
import { TestBench } from "./test-bench.js";

/** What a suite of checks has to work with. */
export interface TestRun {
  spec: ProductSpec;
  bench: TestBench;
  application: RunningApplication;
  checklist: Checklist;
  signal: AbortSignal;
}

/** The report of a suite. */
export type TestReport = TaskOutput & { checks: CheckResult[] };

/**
 * Starts what was built and runs a suite of checks on it. Whatever happens, nothing stays behind.
 *
 * @throws TerminalError TESTS_FAILED naming each failed check; one of them is that the application does not start.
 */
export async function runTests(
  taskId: string,
  spec: ProductSpec,
  outputs: Record<string, TaskOutput>,
  signal: AbortSignal,
  suite: (run: TestRun) => Promise<void>,
): Promise<TestReport> {
  const checklist = new Checklist(signal);
  const application = await checklist.check("the application starts", () =>
    RunningApplication.start(assembleApplication(outputs), signal),
  );
  try {
    if (application) {
      const bench = new TestBench(spec, application, signal);
      await suite({ spec, bench, application, checklist, signal });
    }
    return checklist.conclude(taskId);
  } finally {
    await application?.dispose();
  }
}
