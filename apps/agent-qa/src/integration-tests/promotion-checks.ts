import assert from "node:assert/strict";
import { Browser } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { PASSWORD, expectStatus } from "../checks/test-bench.js";

/** Giving a role on the accounts' page, which counts at once, in sessions that are open too. */
export async function checkPromotion({ spec, bench, checklist }: TestRun): Promise<void> {
  const { administrator, newcomer } = spec.accounts;
  const member = new Browser(bench.visitor());
  const boss = new Browser(bench.as(administrator));
  const roleForm = async () => {
    const { id } = (await member.client.request("GET", "/api/session")).json as { id: number };
    return `/accounts/${id}/role`;
  };

  await checklist.check("roles: a newcomer registers on the page and may not see accounts", async () => {
    const page = await member.submit(await member.open("/register"), "/register", {
      email: "member@example.com",
      password: PASSWORD,
    });
    expectStatus(page, 200);
    expectStatus(await member.open("/accounts"), 403);
  });
  await checklist.check("roles: what the administrator gives counts in the open session", async () => {
    expectStatus(await boss.submit(await boss.open("/accounts"), await roleForm(), { role: administrator }), 200);
    expectStatus(await member.open("/accounts"), 200);
  });
  await checklist.check("roles: what the administrator takes is gone in the open session", async () => {
    expectStatus(await boss.submit(await boss.open("/accounts"), await roleForm(), { role: newcomer }), 200);
    expectStatus(await member.open("/accounts"), 403);
    const { role } = (await member.client.request("GET", "/api/session")).json as { role: string };
    assert.equal(role, newcomer);
  });
}
