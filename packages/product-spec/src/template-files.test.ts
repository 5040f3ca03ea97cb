import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { templateFiles } from "./index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "templates-"));
  mkdirSync(join(folder, "web"));
  writeFileSync(join(folder, "web/page.js.tmpl"), "const name = {{name}}; `${x}` {{ x }}");
  writeFileSync(join(folder, "notes.txt"), "not a template");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("templates are named without their suffix, and filled in exactly", () => {
  expect(templateFiles(folder, { name: '"$&$1"' })).toEqual({ "web/page.js": 'const name = "$&$1"; `${x}` {{ x }}' });
});

test("a place without a value and a value without a place are errors", () => {
  expect(() => templateFiles(folder)).toThrow('Template "web/page.js.tmpl" wants a value for "name".');
  expect(() => templateFiles(folder, { name: "", title: "" })).toThrow("has a place for: title.");
});
