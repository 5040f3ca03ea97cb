import fc from "fast-check";
import { API_LIMITS } from "@agent-hive/contracts";
import { parseJson } from "./json-text.js";

const read = (text: string): unknown => parseJson(Buffer.from(text));
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test("what is JSON and can be kept is read as JSON.parse reads it", () => {
  const exact = fc.jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes("__proto__"));
  fc.assert(
    fc.property(exact, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const large = /(?<![.\d])\d{16,}(?![.\deE])/.test(text);
      if (large) return;
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("whatever the bytes are, they are read or refused with a reason", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string().map((s) => Buffer.from(s)),
      ),
      (bytes) => {
        try {
          parseJson(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ name: "UnreadableJsonError", message: expect.stringMatching(/\.$/) });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test.each([
  ["", "It is empty. Send JSON."],
  ["{", "It is not JSON: Expected property name or '}'"],
  ['{"a": NaN}', "It is not JSON: Unexpected token 'N'"],
  ["[1, -Infinity]", "It is not JSON: No number after minus sign"],
  ['{"__proto__": 1}', 'It holds a forbidden name: "__proto__"'],
  ['{"__\\u0070roto__": 1}', 'It holds a forbidden name: "__proto__"'],
  ['{"constructor": {"prototype": 1}}', "It holds a forbidden name"],
  ['{"id":\n 9007199254740993}', "The number 9007199254740993 (line 2 column 2) cannot be kept exactly"],
  ["[-9007199254740993]", "cannot be kept exactly"],
  ["[1e999]", "The number 1e999 (line 1 column 2) cannot be kept exactly"],
  [`[${"9".repeat(10_000)}]`, "9…"],
  [nested(API_LIMITS.jsonDepth + 1), `deeper than 100 levels (line 1 column 101). Flatten it.`],
  [nested(1_000_000), "nested deeper than 100 levels"],
  ["[".repeat(1_000_000), "nested deeper than 100 levels"],
])("%.40s is refused", (text, told) => {
  expect(() => read(text)).toThrow(told);
});

test("bytes that are no UTF-8 are refused rather than replaced", () => {
  expect(() => parseJson(Buffer.from([0x22, 0xc3, 0x22]))).toThrow("It is not UTF-8.");
});

test.each([
  ['"[[[ \\" \\\\"', '[[[ " \\'],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ['"9007199254740993"', "9007199254740993"],
  ["0.1234567890123456789", 0.1234567890123456],
  ["1e308", 1e308],
  ["\ufeff1", 1],
  ['{"a": 1, "a": 2}', { a: 2 }],
  ['{"constructor": 1}', { constructor: 1 }],
])("%s is read", (text, value) => {
  expect(read(text)).toEqual(typeof value === "number" ? expect.closeTo(value, 12) : value);
});
test("as deep as allowed is read", () => {
  expect(JSON.stringify(read(nested(API_LIMITS.jsonDepth)))).toBe(nested(API_LIMITS.jsonDepth));
});
