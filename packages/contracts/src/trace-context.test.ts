import { traceUrl } from "./trace-context.js";

const TRACE = "0123456789abcdef0123456789abcdef";

test("a trace that is sampled has an address, if it is said where", () => {
  const template = "http://127.0.0.1:16686/trace/{traceId}";
  expect(traceUrl(template, `00-${TRACE}-0123456789abcdef-01`)).toBe(`http://127.0.0.1:16686/trace/${TRACE}`);
  expect(traceUrl(template, `00-${TRACE}-0123456789abcdef-00`)).toBeUndefined();
  expect(traceUrl(undefined, `00-${TRACE}-0123456789abcdef-01`)).toBeUndefined();
});
