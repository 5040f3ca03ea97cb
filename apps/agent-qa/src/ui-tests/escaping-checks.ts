import assert from "node:assert/strict";
import { pathOf, type Entity } from "@agent-hive/product-spec";
import { Browser, fieldsOf, formOf, type Page } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { expectStatus } from "../checks/test-bench.js";

/** From the nastiest to what fits into any field that is worth attacking. */
const ATTACKS = [
  `</textarea></title></option><script>alert("x")</script>'"&amp;<b id=hostile>`,
  `"><script>alert(1)</script><b id=hostile>`,
  `"><b id=hostile>`,
];

/** Hostile text is shown as the text that it is, wherever it is shown. */
export async function checkEscaping({ bench, checklist }: TestRun, entity: Entity): Promise<void> {
  const hostile = Object.fromEntries(
    entity.fields.flatMap((field) => {
      if (field.type !== "text" && field.type !== "longtext") return [];
      const attack = ATTACKS.find((text) => text.length <= field.maxLength && text.length >= field.minLength);
      return attack === undefined ? [] : [[field.name, attack]];
    }),
  );
  if (Object.keys(hostile).length === 0) return;

  const path = pathOf(entity);
  const reader = new Browser(bench.whoMay("read", entity)!);
  const editor = new Browser(bench.whoMay("update", entity)!);
  const id = await checklist.check(`${entity.plural}: hostile text is stored`, () => bench.create(entity, hostile));
  if (id === undefined) return;

  await checklist.check(
    `${entity.plural}: hostile text is only text in list, record, overview and search`,
    async () => {
      const search = new URLSearchParams({ search: Object.values(hostile)[0]! }).toString();
      for (const address of [path, `${path}/${id}`, "/", `${path}?${search}`]) {
        const page = await reader.open(address);
        expectStatus(page, 200);
        expectHarmless(page);
      }
      const shown = (await reader.open(`${path}/${id}`)).root.querySelector("main")!.textContent;
      for (const text of Object.values(hostile)) assert.ok(shown.includes(text), `the record does not show ${text}`);
    },
  );
  await checklist.check(`${entity.plural}: hostile text is only text in forms, and stays as it is`, async () => {
    const page = await editor.open(`${path}/${id}/edit`);
    expectHarmless(page);
    const fields = fieldsOf(formOf(page, `${path}/${id}`));
    for (const [name, text] of Object.entries(hostile))
      assert.equal(fields.get(name), text, `${name} is not as it was written`);
  });
}

function expectHarmless(page: Page): void {
  const intruders = page.root.querySelectorAll("b").filter((element) => element.getAttribute("id") === "hostile");
  assert.equal(intruders.length, 0, `${page.path} holds an element that came from a text`);
  assert.doesNotMatch(page.source, /<script/i, `${page.path} holds a script`);
  assert.equal(page.root.querySelectorAll("main").length, 1, `${page.path} does not have one main part`);
}
