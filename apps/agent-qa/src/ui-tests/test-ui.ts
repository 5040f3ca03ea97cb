import type { ProductSpec, TaskOutput } from "@agent-hive/product-spec";
import { runTests, type TestReport } from "../checks/run-tests.js";
import { checkEntry } from "./entry-checks.js";
import { checkEscaping } from "./escaping-checks.js";
import { checkForms } from "./form-checks.js";
import { checkPages } from "./page-checks.js";
import { checkRoles } from "./role-checks.js";

/** Tests the pages of what was built: as people of every role see them, and as an attacker would have them. */
export function testUi(
  spec: ProductSpec,
  outputs: Record<string, TaskOutput>,
  signal: AbortSignal,
): Promise<TestReport> {
  return runTests("ui_tests", spec, outputs, signal, async (run) => {
    await run.checklist.check("accounts: one of every role can be made", () => run.bench.enroll());
    await checkEntry(run);
    for (const entity of spec.entities.filter((it) => run.bench.canManage(it))) {
      await checkForms(run, entity);
      await checkEscaping(run, entity);
    }
    await checkRoles(run);
    await checkPages(run);
  });
}
