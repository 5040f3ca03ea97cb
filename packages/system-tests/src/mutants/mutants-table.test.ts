import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applyEdits } from "./apply-edits.js";
import { MUTANTS, REPOSITORY, mutantNamed } from "./mutants.js";

/** Each file with the edits of one mutant that belong to it. */
const FILES = MUTANTS.flatMap(({ name, edits }) =>
  [...Map.groupBy(edits, ({ file }) => file)].map(([file, own]) => ({ name, file, own })),
);

test.each(FILES)("$name fits the code: each of its edits of $file changes exactly one place", ({ file, own }) => {
  const text = readFileSync(join(REPOSITORY, file), "utf8");
  expect(applyEdits(text, own)).not.toBe(text);
});

test("an edit that fits nowhere, or in several places, is refused", () => {
  const file = "some.lua";
  expect(() => applyEdits("a b", [{ file, find: "c", replace: "" }])).toThrow("some.lua has 0 times");
  expect(() => applyEdits("a a", [{ file, find: "a", replace: "" }])).toThrow("some.lua has 2 times");
});

test("an unknown mutant is refused, and names are given once", () => {
  expect(() => mutantNamed("no-such")).toThrow("acknowledge-before-commit");
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});
