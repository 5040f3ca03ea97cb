import assert from "node:assert/strict";
import { Browser, type Page } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { expectStatus } from "../checks/test-bench.js";

/** Enough for every kind of page of a small application; their number grows with the records in it. */
const MOST_PAGES = 150;

/** Follows the links of the administrator's pages and looks at every page it comes to. */
export async function checkPages({ spec, bench, checklist }: TestRun): Promise<void> {
  const browser = new Browser(bench.as(spec.accounts.administrator));
  const pages: Page[] = [];

  await checklist.check("pages: every link leads to a page", async () => {
    const open = ["/"];
    const seen = new Set(open);
    for (let path = open.shift(); path !== undefined && pages.length < MOST_PAGES; path = open.shift()) {
      const page = await browser.open(path);
      expectStatus({ status: page.status, text: path }, 200);
      pages.push(page);
      for (const link of linksOf(page).filter((it) => !seen.has(it))) {
        seen.add(link);
        open.push(link);
      }
    }
  });
  await checklist.check("pages: each has a title, one heading, a language and a main part", () => {
    for (const { root, path } of pages) {
      assert.ok(
        root.querySelector("title")?.textContent.includes(spec.name),
        `${path} has no title with the product's name`,
      );
      assert.equal(root.querySelectorAll("h1").length, 1, `${path} does not have one heading`);
      assert.equal(root.querySelector("html")?.getAttribute("lang"), "en", `${path} names no language`);
      assert.ok(root.querySelector("main"), `${path} has no main part`);
    }
  });
  await checklist.check("pages: every control has a label, and every id is there once", () => {
    for (const { root, path } of pages) {
      const labels = new Set(root.querySelectorAll("label").map((label) => label.getAttribute("for")));
      for (const control of root.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        const isLabelled = labels.has(control.getAttribute("id")) || control.hasAttribute("aria-label");
        assert.ok(isLabelled, `${path}: "${control.getAttribute("name")}" has no label`);
      }
      const ids = root.querySelectorAll("*").flatMap((element) => element.getAttribute("id") ?? []);
      const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
      assert.deepEqual(repeated, [], `${path} has an id twice: ${repeated.join(", ")}`);
    }
  });
  await checklist.check("pages: no script, no inline style, no handler, and a policy that forbids them", () => {
    for (const { root, path, headers } of pages) {
      assert.equal(root.querySelectorAll("script, style, iframe").length, 0, `${path} holds a script, style or frame`);
      const attributes = root.querySelectorAll("*").flatMap((element) => Object.keys(element.attributes));
      assert.deepEqual(
        attributes.filter((name) => /^(on|style$)/i.test(name)),
        [],
        `${path} holds inline code`,
      );
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, `${path} has no policy`);
    }
  });
  await checklist.check("pages: every form that changes something carries a token", () => {
    for (const { root, path } of pages)
      for (const form of root.querySelectorAll("form[method=post]"))
        assert.ok(
          form.querySelector("input[name=form_token]"),
          `${path}: the form to ${form.getAttribute("action")} has none`,
        );
  });
  await checklist.check("pages: an unknown address is a page that says so", async () => {
    const page = await browser.open("/no-such-page");
    expectStatus(page, 404);
    assert.ok(page.root.querySelector("h1"), "is no page");
  });
  await checklist.check("pages: the stylesheet is for light and dark, wide and narrow", async () => {
    const { href, rel } = pages[0]!.root.querySelector("link[rel=stylesheet]")!.attributes;
    const answer = await browser.client.request("GET", href!);
    expectStatus(answer, 200);
    assert.equal(rel, "stylesheet");
    assert.match(answer.headers.get("content-type") ?? "", /^text\/css/);
    assert.match(answer.text, /color-scheme: light dark/);
    assert.match(answer.text, /@media \(max-width/);
  });
}

const linksOf = ({ root }: Page): string[] =>
  root
    .querySelectorAll("a")
    .map((link) => link.getAttribute("href") ?? "")
    .filter((href) => href.startsWith("/"));
