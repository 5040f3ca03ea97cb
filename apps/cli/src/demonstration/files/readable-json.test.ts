import fc from "fast-check";
import { readableJson } from "./readable-json.js";

test("whatever is written is read again as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(JSON.parse(readableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("what fits on a line stands on one, and what does not is a line for each part", () => {
  const long = "x".repeat(80);
  expect(
    readableJson({
      rows: [
        { a: 1, b: [null, true] },
        { a: long, b: long },
      ],
      none: {},
      empty: [],
    }),
  ).toBe(
    `{
  "rows": [
    { "a": 1, "b": [null, true] },
    {
      "a": "${long}",
      "b": "${long}"
    }
  ],
  "none": {},
  "empty": []
}
`,
  );
});

test("a field that is undefined is left out", () => {
  expect(readableJson({ a: undefined, b: 1 })).toBe('{ "b": 1 }\n');
});
