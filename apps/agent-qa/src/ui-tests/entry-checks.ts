import assert from "node:assert/strict";
import { Browser, fieldsOf, formOf } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { PASSWORD, expectStatus } from "../checks/test-bench.js";

/** Registering, logging in and out through the pages. */
export async function checkEntry({ spec, bench, checklist }: TestRun): Promise<void> {
  const { administrator } = spec.accounts;
  const email = `${administrator}@example.com`;
  const check = (name: string, run: (browser: Browser) => Promise<void>) =>
    checklist.check(`entry: ${name}`, () => run(new Browser(bench.visitor())));
  const logIn = async (browser: Browser, path = "/login", password = PASSWORD) =>
    browser.submit(await browser.open(path), path, { email, password });

  await check("a visitor registers, is logged in, and logs out again", async (browser) => {
    const form = await browser.open("/register");
    const page = await browser.submit(form, "/register", { email: "visitor@example.com", password: PASSWORD });
    expectStatus(page, 200);
    assert.ok(
      page.root.querySelector(".account")?.textContent.includes("visitor@example.com"),
      "does not say who is logged in",
    );
    await browser.submit(page, "/logout");
    assert.equal(browser.client.cookie("session"), undefined, "the session's cookie is still there");
    assert.ok(
      (await browser.open("/login")).root.querySelector("input[type=password]"),
      "does not ask to log in again",
    );
  });
  await check("what is wrong with an account is said beside the field", async (browser) => {
    const form = await browser.open("/register");
    const page = await browser.submit(form, "/register", { email: "nobody", password: "short" });
    expectStatus(page, 422);
    for (const name of ["email", "password"])
      assert.ok(page.root.querySelector(`#field-${name}-error`), `says nothing about ${name}`);
  });
  await check("a wrong password is refused; the address stays, the password does not", async (browser) => {
    const page = await logIn(browser, "/login", "not the password");
    expectStatus(page, 401);
    const fields = fieldsOf(formOf(page, "/login"));
    assert.equal(fields.get("email"), email);
    assert.equal(fields.get("password"), "");
    assert.ok(page.root.querySelector("[role=alert]"), "does not say that it was refused");
  });
  await check("who has to log in first is led back", async (browser) => {
    const asked = await browser.open("/accounts");
    assert.equal(asked.path, "/login?next=%2Faccounts");
    const page = await logIn(browser, asked.path);
    assert.equal(page.path, "/accounts");
    expectStatus(page, 200);
  });
  await check("nobody is led to another site", async () => {
    for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"]) {
      const browser = new Browser(bench.visitor());
      const asked = await browser.open(`/login?${new URLSearchParams({ next }).toString()}`);
      const action = asked.root.querySelector("main form")?.getAttribute("action") ?? "";
      assert.equal((await browser.submit(asked, action, { email, password: PASSWORD })).path, "/");
    }
  });
  await check("a form without its token, or with another visitor's, is refused", async (browser) => {
    const form = { email: "forged@example.com", password: PASSWORD };
    await browser.open("/register");
    expectStatus(await browser.client.request("POST", "/register", { form }), 403);
    const foreign = fieldsOf(formOf(await new Browser(bench.visitor()).open("/register"), "/register")).get(
      "form_token",
    )!;
    expectStatus(await browser.client.request("POST", "/register", { form: { ...form, form_token: foreign } }), 403);
    const login = await browser.open("/login");
    expectStatus(await browser.submit(login, "/login", form), 401);
  });
}
