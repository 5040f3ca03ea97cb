import { traceLink } from "./trace-link.js";

const TRACE = "0123456789abcdef0123456789abcdef";

test("a trace that was written has a link, if it is said where", () => {
  const template = "http://127.0.0.1:16686/trace/{traceId}";
  expect(traceLink(`00-${TRACE}-0123456789abcdef-01`, template)).toBe(`http://127.0.0.1:16686/trace/${TRACE}`);
  expect(traceLink(`00-${TRACE}-0123456789abcdef-00`, template)).toBeUndefined();
  expect(traceLink(`00-${TRACE}-0123456789abcdef-01`)).toBeUndefined();
});
