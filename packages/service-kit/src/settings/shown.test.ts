import { quoted, shownValue } from "./shown.js";
import { address, text as anyText } from "./value-types.js";

const about = { default: "", purpose: "", reason: "", services: [] };

function shown(text: string | undefined, { secret, problem }: { secret?: true; problem?: string } = {}): string | null {
  const declared = { ...about, type: secret ? address("redis") : anyText({ max: 1000 }), secret };
  return shownValue({ text, value: text, declared, origin: { kind: "environment" }, problem });
}

test.each([
  ["redis://redis:6379", "redis://redis:6379"],
  ["redis://:s3cret@redis:6379/1", "redis://***@redis:6379/1"],
  ["redis://s3cret@redis", "redis://***@redis"],
  ["redis://user:s3cret@redis/?password=s3cret", "redis://***@redis/?***"],
  ["redis://user:12/s3cret@redis", "***"],
  ["redis://user:12?s3cret@redis", "***"],
  ["redis://user:12#s3cret@redis", "***"],
])("of the secret address %s this is shown: %s", (given, expected) => {
  expect(shown(given, { secret: true })).toBe(expected);
});

test.each(["s3cret", "user:s3cret@host", "http://user:s3cret@host"])("nothing of %s, which is not valid", (given) => {
  expect(shown(given, { secret: true, problem: "it is not valid" })).toBe("***");
});

test("what is no secret is shown, but for a password in the wrong place", () => {
  expect(shown("backend-1")).toBe("backend-1");
  expect(shown("http://user:s3/cret@host")).toBe("http://***@host");
  expect(shown(undefined)).toBeNull();
});

test("long text is cut, and never in the middle of what hides a password", () => {
  expect(quoted("x".repeat(101))).toBe(`"${"x".repeat(100)}…"`);
  expect(quoted(`redis://user:${"s3cret".repeat(30)}@host`)).toBe('"redis://***@host"');
});
