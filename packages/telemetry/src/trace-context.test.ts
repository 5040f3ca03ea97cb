import {
  childTraceparent,
  derivedSpanId,
  derivedTraceparent,
  isSampled,
  isTraceparent,
  newTraceparent,
  spanIdOf,
  traceFields,
  traceIdOf,
} from "./trace-context.js";

test("a new context is valid and its own", () => {
  const seen = new Set(Array.from({ length: 2000 }, () => newTraceparent()));
  expect(seen.size).toBe(2000);
  for (const text of seen) expect(isTraceparent(text)).toBe(true);
});

test("a child stays in the trace under another span id", () => {
  const parent = newTraceparent();
  const child = childTraceparent(parent);
  expect(traceIdOf(child)).toBe(traceIdOf(parent));
  expect(spanIdOf(child)).not.toBe(spanIdOf(parent));
  expect(isTraceparent(child)).toBe(true);
  expect(isSampled(child)).toBe(true);
});

test("whoever knows what a span is about knows its id", () => {
  const parent = newTraceparent();
  const derived = derivedTraceparent(parent, "task", 3);
  expect(derived).toBe(derivedTraceparent(childTraceparent(parent), "task", 3));
  expect(spanIdOf(derived)).toBe(derivedSpanId(traceIdOf(parent), "task", 3));
  expect(isTraceparent(derived)).toBe(true);
  expect(derivedTraceparent(parent, "task", 4)).not.toBe(derived);
  expect(derivedTraceparent(newTraceparent(), "task", 3).slice(36)).not.toBe(derived.slice(36));
});

test("a trace that is not sampled needs no span ids", () => {
  const parent = newTraceparent(false);
  expect(isSampled(parent)).toBe(false);
  expect(childTraceparent(parent)).toBe(parent);
  expect(derivedTraceparent(parent, "task", 3)).toBe(parent);
});

test.each(["00", "02", "fe"])("flags %s: not sampled", (flags) => {
  expect(isSampled(newTraceparent().slice(0, -2) + flags)).toBe(false);
});

test.each(["01", "03", "ff"])("flags %s: sampled, and kept", (flags) => {
  const parent = newTraceparent().slice(0, -2) + flags;
  expect(isSampled(parent)).toBe(true);
  expect(childTraceparent(parent).slice(-2)).toBe(flags);
});

test("what is no context starts a new trace, which nobody asked for", () => {
  const child = childTraceparent("nonsense");
  expect(isTraceparent(child)).toBe(true);
  expect(isSampled(child)).toBe(false);
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

test("a log line names trace and span of its context, and neither if there is none", () => {
  expect(traceFields("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")).toEqual({
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    span_id: "00f067aa0ba902b7",
  });
  expect(traceFields("nonsense")).toEqual({});
});
