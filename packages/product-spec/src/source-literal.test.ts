import * as prettier from "prettier";
import { sourceLiteral } from "./index.js";

const VALUES = {
  short: { a: 1, "b-c": [true, null] },
  long: Array.from({ length: 30 }, (_, index) => `word number ${index}`),
  objects: [
    { name: "a", size: 1 },
    { name: "b", size: 2 },
  ],
  quotes: ["it's", 'a "b"', `'a' "b"`, `"a" 'b' "c"`, '\\"', "'\n\""],
  nested: { deep: { deeper: [{ one: { two: "x".repeat(120) } }] }, empty: [[], {}] },
};

test.each(Object.entries(VALUES))("a literal is written as prettier would: %s", async (_name, value) => {
  const source = `export const VALUE = ${sourceLiteral(value, { reserved: "export const VALUE = ;".length })};\n`;
  expect(source).toBe(await prettier.format(source, { parser: "babel", printWidth: 120 }));
  expect(JSON.parse(sourceLiteral(value, { json: true }))).toEqual(value);
});

test("text in a literal cannot end it", () => {
  const text = `"\`\${x}\\ */ </script>\u2028`;
  // oxlint-disable-next-line no-implied-eval -- what is written is to be read as source
  expect(new Function(`return ${sourceLiteral({ text })}`)()).toEqual({ text });
});
