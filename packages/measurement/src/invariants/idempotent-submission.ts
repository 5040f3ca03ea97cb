import type { Facts } from "../facts.js";
import type { Findings } from "./findings.js";

/**
 * I5, idempotent submission. Looks at every submission with a key: no other has the key, and none of its workflows
 * belongs to another. Refusals are not on record; submissions without a key promise nothing and are not looked at.
 */
export function judgeIdempotentSubmission({ records }: Facts, findings: Findings): void {
  const keys = new Map<string, string>();
  const keyOf = new Map<string, string>();
  for (const { key, requestSha256, workflowIds } of records.submissions) {
    findings.check(!keys.has(key), () => `The key "${key}" was accepted twice.`);
    keys.set(key, requestSha256);
    for (const id of workflowIds) {
      const other = keyOf.get(id);
      findings.check(other === undefined, () => `Workflow ${id} belongs to the keys "${other}" and "${key}".`);
      keyOf.set(id, key);
    }
  }
}
