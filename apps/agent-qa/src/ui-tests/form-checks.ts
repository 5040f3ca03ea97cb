import assert from "node:assert/strict";
import { pathOf, relationColumn, type Entity, type Field } from "@agent-hive/product-spec";
import type { HTMLElement } from "node-html-parser";
import { Browser, fieldsOf, formOf } from "../browsing/browser.js";
import type { TestRun } from "../checks/run-tests.js";
import { formValues } from "../checks/form-values.js";
import { expectStatus } from "../checks/test-bench.js";

/** Which control each type of field is to have. */
const CONTROLS: Record<Field["type"], string> = {
  text: "input[type=text]",
  longtext: "textarea",
  email: "input[type=email]",
  integer: "input[type=number]",
  number: "input[type=number]",
  boolean: "input[type=checkbox]",
  date: "input[type=date]",
  datetime: "input[type=datetime-local]",
  choice: "select",
};

/** The forms of an entity: what they ask, what they say when something is wrong, and what they keep. */
export async function checkForms({ bench, checklist }: TestRun, entity: Entity): Promise<void> {
  const path = pathOf(entity);
  const check = (name: string, run: () => Promise<void>) => checklist.check(`${entity.plural}: ${name}`, run);
  const creator = new Browser(bench.whoMay("create", entity)!);
  const isAsked = entity.fields.filter((field) => field.required && field.type !== "boolean");

  await check("the form has the right control for every field", async () => {
    const form = formOf(await creator.open(`${path}/new`), path);
    for (const field of entity.fields) {
      const control = named(form, field.name);
      assert.ok(
        form.querySelectorAll(CONTROLS[field.type]).includes(control),
        `${field.name} is no ${CONTROLS[field.type]}`,
      );
      assert.equal(
        control.hasAttribute("required"),
        isAsked.includes(field),
        `${field.name} is marked as required, or is not`,
      );
      assert.ok(labelOf(form, control).includes(field.label), `${field.name} is not labelled "${field.label}"`);
    }
    for (const relation of entity.relations) named(form, relationColumn(relation));
  });
  if (isAsked.length > 0)
    await check("an empty form comes back with every field marked", async () => {
      const page = await creator.submit(await creator.open(`${path}/new`), path);
      expectStatus(page, 422);
      for (const { name } of isAsked.filter((field) => field.type !== "choice"))
        assert.match(
          page.root.querySelector(`#field-${name}-error`)?.textContent ?? "",
          /is required/,
          `${name} is not marked`,
        );
    });
  await check("what was typed is kept when something else is wrong", async () => {
    const record = await bench.sample(entity);
    const values = formValues(entity, record);
    const wrong = isAsked.find((field) => ["text", "date", "datetime", "email"].includes(field.type));
    if (!wrong) return;
    const page = await creator.submit(await creator.open(`${path}/new`), path, { ...values, [wrong.name]: "" });
    expectStatus(page, 422);
    const kept = fieldsOf(formOf(page, path));
    for (const [name, value] of Object.entries(values)) {
      const expected: string | boolean = name === wrong.name ? "" : value;
      assert.equal(kept.get(name) ?? false, expected === true ? "true" : expected, `${name} was not kept`);
    }
  });
  await check("the form of a record holds its values, and saves none of them changed", async () => {
    const id = await bench.create(entity);
    const editor = new Browser(bench.whoMay("update", entity)!);
    const before = (await bench.call("read", entity, { id })).json as Record<string, unknown>;
    const page = await editor.submit(await editor.open(`${path}/${id}/edit`), `${path}/${id}`);
    expectStatus(page, 200);
    const after = (await bench.call("read", entity, { id })).json as Record<string, unknown>;
    assert.deepEqual({ ...after, updated_at: "" }, { ...before, updated_at: "" });
  });
}

function named(form: HTMLElement, name: string): HTMLElement {
  const control = form.querySelectorAll("input, select, textarea").find((it) => it.getAttribute("name") === name);
  assert.ok(control, `the form has no field "${name}"`);
  return control;
}

const labelOf = (form: HTMLElement, control: HTMLElement): string =>
  form.querySelectorAll("label").find((label) => label.getAttribute("for") === control.getAttribute("id"))
    ?.textContent ?? "";
