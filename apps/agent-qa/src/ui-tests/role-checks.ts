import assert from "node:assert/strict";
import { ANYONE, pathOf } from "@agent-hive/product-spec";
import { Browser } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { expectStatus } from "../checks/test-bench.js";

/** Every role sees what it may use, and is refused the rest even if it knows the address. */
export async function checkRoles({ spec, bench, checklist }: TestRun): Promise<void> {
  const ids = new Map<string, number>();
  for (const entity of spec.entities.filter((it) => bench.canManage(it))) {
    const id = await checklist.check(`roles: there is a record of ${entity.plural} to look at`, () =>
      bench.create(entity),
    );
    if (id !== undefined) ids.set(entity.name, id);
  }

  for (const role of new Set([ANYONE, ...spec.roles.map(({ name }) => name)])) {
    const browser = new Browser(bench.as(role));
    await checklist.check(`roles: ${role} is offered what it may read, and nothing else`, async () => {
      const page = await browser.open("/");
      const offered = page.root.querySelectorAll("nav[aria-label=Main] a").map((link) => link.getAttribute("href"));
      const expected = spec.entities.filter((entity) => bench.may(role, "read", entity)).map(pathOf);
      if (role === spec.accounts.administrator) expected.push("/accounts");
      assert.deepEqual(offered, expected);
    });
    for (const entity of spec.entities.filter(({ name }) => ids.has(name))) {
      await checklist.check(`roles: ${role} on the pages of ${entity.plural}`, async () => {
        const address = `${pathOf(entity)}/${ids.get(entity.name)}`;
        const pages = [
          { path: pathOf(entity), isAllowed: bench.may(role, "read", entity) },
          { path: address, isAllowed: bench.may(role, "read", entity) },
          { path: `${pathOf(entity)}/new`, isAllowed: bench.may(role, "create", entity) },
          { path: `${address}/edit`, isAllowed: bench.may(role, "update", entity) },
          { path: `${address}/delete`, isAllowed: bench.may(role, "delete", entity) },
        ];
        for (const { path, isAllowed } of pages) await expectAccess(browser, role, path, isAllowed);
        if (!bench.may(role, "read", entity)) return;
        const links = (await browser.open(address)).root
          .querySelectorAll(".actions a")
          .map((link) => link.getAttribute("href"));
        const expected = pages
          .slice(3)
          .filter(({ isAllowed }) => isAllowed)
          .map(({ path }) => path);
        assert.deepEqual(links, expected, "the record offers other actions than the role has");
      });
    }
  }
}

/** Who may not is refused, or asked to log in if they have not. */
async function expectAccess(browser: Browser, role: string, path: string, isAllowed: boolean): Promise<void> {
  const page = await browser.open(path);
  if (isAllowed) return expectStatus({ status: page.status, text: path }, 200);
  if (role === ANYONE) return assert.equal(page.path, `/login?${new URLSearchParams({ next: path }).toString()}`);
  expectStatus({ status: page.status, text: path }, 403);
}
