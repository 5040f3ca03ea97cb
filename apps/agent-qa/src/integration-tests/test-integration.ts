import type { ProductSpec, TaskOutput } from "@agent-hive/product-spec";
import { runTests, type TestReport } from "../checks/run-tests.js";
import { checkDurability } from "./durability-checks.js";
import { checkJourney } from "./journey-checks.js";
import { checkLoad } from "./load-checks.js";
import { checkPromotion } from "./promotion-checks.js";

/** Tests the whole application: pages, API and database together, through a restart. */
export function testIntegration(
  spec: ProductSpec,
  outputs: Record<string, TaskOutput>,
  signal: AbortSignal,
): Promise<TestReport> {
  return runTests("integration_tests", spec, outputs, signal, async (run) => {
    await run.checklist.check("accounts: one of every role can be made", () => run.bench.enroll());
    await checkJourney(run);
    await checkPromotion(run);
    await checkLoad(run);
    await checkDurability(run);
  });
}
