import type { ProductSpec, TaskOutput } from "@agent-hive/product-spec";
import { runTests, type TestReport } from "../checks/run-tests.js";
import { checkAccounts } from "./account-checks.js";
import { checkPermissions } from "./permission-checks.js";
import { checkProtocol } from "./protocol-checks.js";
import { checkRecords } from "./record-checks.js";
import { checkDeletion } from "./deletion-checks.js";

/** Tests the API of what the backend built, before there are pages. */
export function testApi(
  spec: ProductSpec,
  outputs: Record<string, TaskOutput>,
  signal: AbortSignal,
): Promise<TestReport> {
  return runTests("api_tests", spec, outputs, signal, async (run) => {
    await run.checklist.check("accounts: one of every role can be made", () => run.bench.enroll());
    await checkProtocol(run);
    await checkAccounts(run);
    await checkPermissions(run);
    for (const entity of spec.entities.filter((it) => run.bench.canManage(it))) {
      await checkRecords(run, entity);
      await checkDeletion(run, entity);
    }
  });
}
