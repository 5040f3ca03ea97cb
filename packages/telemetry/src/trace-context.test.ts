import { childTraceparent, isTraceparent, newTraceparent } from "./trace-context.js";

test("a new context is valid and its own", () => {
  const seen = new Set(Array.from({ length: 2000 }, newTraceparent));
  expect(seen.size).toBe(2000);
  for (const text of seen) expect(isTraceparent(text)).toBe(true);
});

test("a child stays in the trace under another span id", () => {
  const parent = newTraceparent();
  const child = childTraceparent(parent);
  expect(child.slice(0, 35)).toBe(parent.slice(0, 35));
  expect(child).not.toBe(parent);
  expect(isTraceparent(child)).toBe(true);
});

test("what is no context starts a new trace", () => {
  expect(isTraceparent(childTraceparent("nonsense"))).toBe(true);
});

test.each([
  ["", false],
  ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true],
  ["00-00000000000000000000000000000000-00f067aa0ba902b7-01", false],
  ["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false],
  ["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false],
])("%j is a context: %p", (text, expected) => {
  expect(isTraceparent(text)).toBe(expected);
});
