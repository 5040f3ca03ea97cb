import assert from "node:assert/strict";
import { pathOf, type Entity } from "@agent-hive/product-spec";
import { Browser } from "../browsing/browser.js";
import { formValues } from "../checks/form-values.js";
import type { TestRun } from "../checks/run-tests.js";
import { creationOrder, type Sample } from "../checks/samples.js";
import { expectStatus } from "../checks/test-bench.js";

/** Works through the application as people do, form by form, and compares each step with what the API says. */
export async function checkJourney({ spec, bench, checklist }: TestRun): Promise<void> {
  const entities = creationOrder(spec).filter((entity) => bench.canManage(entity));
  const ids = new Map<string, number>();
  const browserFor = (action: "create" | "update" | "delete" | "read", entity: Entity): Browser =>
    new Browser(bench.whoMay(action, entity)!);
  const stored = async (entity: Entity, id: number): Promise<Sample> =>
    (await bench.call("read", entity, { id })).json as Sample;

  for (const entity of entities) {
    await checklist.check(`journey: ${entity.plural} are added with the form`, async () => {
      const record = bench.sampleWith(entity, ids);
      const path = pathOf(entity);
      const browser = browserFor("create", entity);
      const page = await browser.submit(await browser.open(`${path}/new`), path, formValues(entity, record));
      expectStatus({ status: page.status, text: page.root.querySelector("main")!.textContent }, 200);
      assert.ok(page.root.querySelector("[role=status]"), "the page does not say that it was added");
      const { items } = (await bench.call("read", entity, { query: "?limit=1" })).json as {
        items: (Sample & { id: number })[];
      };
      expectSame(items[0]!, record);
      ids.set(entity.name, items[0]!.id);
    });
  }
  for (const entity of entities) {
    await checklist.check(`journey: ${entity.plural} are changed with the form`, async () => {
      const id = ids.get(entity.name)!;
      const path = `${pathOf(entity)}/${id}`;
      const changed = bench.sampleWith(entity, ids);
      const browser = browserFor("update", entity);
      const page = await browser.submit(await browser.open(`${path}/edit`), path, formValues(entity, changed));
      expectStatus({ status: page.status, text: page.root.querySelector("main")!.textContent }, 200);
      expectSame(await stored(entity, id), changed);
    });
    await checklist.check(`journey: what the API changes, the pages of ${entity.plural} show`, async () => {
      const id = ids.get(entity.name)!;
      const record = bench.sampleWith(entity, ids);
      expectStatus(await bench.call("update", entity, { id, json: record }), 200);
      const page = await browserFor("read", entity).open(`${pathOf(entity)}/${id}`);
      const shown = page.root.querySelector("main")!.textContent;
      for (const field of entity.fields.filter(({ type }) => ["text", "email", "date", "choice"].includes(type)))
        assert.ok(shown.includes(String(record[field.name])), `the page does not show ${field.name}`);
    });
  }
  await checklist.check("journey: the overview counts what there is", async () => {
    const browser = new Browser(bench.as(spec.accounts.administrator));
    const page = await browser.open("/");
    for (const entity of entities.filter((it) => bench.may(spec.accounts.administrator, "read", it))) {
      const { total } = (await bench.call("read", entity)).json as { total: number };
      const count = page.root.querySelector(`[data-count=${entity.plural}]`)?.textContent;
      assert.equal(count, String(total), `${entity.plural}: the overview says ${count}`);
    }
  });
  for (const entity of entities.toReversed()) {
    await checklist.check(`journey: ${entity.plural} are deleted after a question`, async () => {
      const id = await bench.create(entity);
      const path = `${pathOf(entity)}/${id}/delete`;
      const browser = browserFor("delete", entity);
      const question = await browser.open(path);
      expectStatus(await bench.call("read", entity, { id }), 200);
      expectStatus(await browser.submit(question, path), 200);
      expectStatus(await bench.call("read", entity, { id }), 404);
    });
    for (const relation of entity.relations.filter(
      ({ onDelete, to }) => onDelete === "restrict" && bench.canManage(bench.entity(to)),
    )) {
      await checklist.check(
        `journey: a ${relation.to} in use by ${entity.plural} is kept, and the page says why`,
        async () => {
          const target = bench.entity(relation.to);
          const id = await bench.create(target);
          await bench.create(entity, { [`${relation.name}_id`]: id });
          const path = `${pathOf(target)}/${id}/delete`;
          const browser = browserFor("delete", target);
          const page = await browser.submit(await browser.open(path), path);
          expectStatus(page, 409);
          assert.ok(page.root.querySelector("[role=alert]"), "the page does not say why");
          expectStatus(await bench.call("read", target, { id }), 200);
        },
      );
    }
  }
}

function expectSame(found: Sample, expected: Sample): void {
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual(found[name], value, `${name} is not as it was typed`);
}
