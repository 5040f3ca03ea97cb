import assert from "node:assert/strict";
import { pathOf } from "@agent-hive/product-spec";
import { Browser, type Page } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { expectStatus } from "../checks/test-bench.js";

const AT_ONCE = 30;

/** Many requests at once, and lists of more than a page. */
export async function checkLoad({ spec, bench, checklist }: TestRun): Promise<void> {
  // Without something unique and without relations, records can be made in any number.
  const entity =
    spec.entities.find((it) => bench.canManage(it) && it.relations.every(({ required }) => !required)) ??
    spec.entities.find((it) => bench.canManage(it));
  if (!entity) return;
  const count = async (): Promise<number> => ((await bench.call("read", entity)).json as { total: number }).total;

  await checklist.check(`load: ${AT_ONCE} ${entity.plural} added at once are ${AT_ONCE} more`, async () => {
    const before = await count();
    const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => bench.create(entity)));
    assert.equal(new Set(ids).size, AT_ONCE, "two records have the same number");
    assert.equal(await count(), before + AT_ONCE);
  });
  await checklist.check(`load: paging through ${entity.plural} shows each of them once`, async () => {
    const browser = new Browser(bench.whoMay("read", entity)!);
    const seen: string[] = [];
    let next: string | undefined = pathOf(entity);
    while (next !== undefined) {
      const page: Page = await browser.open(next);
      expectStatus(page, 200);
      seen.push(...page.root.querySelectorAll("tbody tr td:first-child a").map((link) => link.getAttribute("href")!));
      next = page.root.querySelector("a[rel=next]")?.getAttribute("href");
    }
    assert.equal(new Set(seen).size, seen.length, "a record is shown twice");
    assert.equal(seen.length, await count());
  });
}
