import { outcomeSchema } from "@agent-hive/contracts";
import { InterruptedError, TerminalError, TransientError } from "@agent-hive/domain";
import { encodeJson, isDefect, outcomeOfThrown } from "./outcome.js";

test("a terminal error fails the task for good, with code and details and without a stack", () => {
  expect(outcomeOfThrown(new TerminalError("BAD_INPUT", "no", { details: { field: "x" } }))).toEqual({
    status: "failed",
    retryable: false,
    error: { code: "BAD_INPUT", message: "no", details: { field: "x" } },
  });
});

test("a transient error is tried again, after the delay it names", () => {
  expect(outcomeOfThrown(new TransientError("BUSY", "later", { retryAfterMs: 12.3 }))).toMatchObject({
    retryable: true,
    retryAfterMs: 13,
  });
  expect(outcomeOfThrown(new TransientError("BUSY", "later"))).not.toHaveProperty("retryAfterMs");
});

test("a defect is tried again and keeps its stack", () => {
  const outcome = outcomeOfThrown(new RangeError("off by one"));
  expect(outcome).toMatchObject({ retryable: true, error: { code: "RangeError", message: "off by one" } });
  expect(outcome.status === "failed" && outcome.error.stack).toContain("outcome.test");
  expect(isDefect(new RangeError())).toBe(true);
  expect(isDefect(new InterruptedError("STOP", "stop"))).toBe(false);
});

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each([
  ["a string", "oops"],
  ["nothing", undefined],
  ["an endless message", new Error("x".repeat(100_000))],
  ["an endless code", new TerminalError("C".repeat(1000), "m")],
  ["circular details", new TerminalError("C", "m", { details: circular })],
  ["a delay below zero", new TransientError("C", "m", { retryAfterMs: -1 })],
])("whatever is thrown, the outcome passes the contract: %s", (_, thrown) => {
  expect(outcomeSchema.safeParse(outcomeOfThrown(thrown)).error).toBeUndefined();
});

test.each([
  ["circular", circular],
  ["a big integer", { n: 1n }],
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
])("a value without JSON is refused by name: %s", (_, value) => {
  expect(() => encodeJson(value, 'output of handler "rank"')).toThrow(
    expect.objectContaining({ code: "OUTPUT_NOT_JSON", message: expect.stringContaining('output of handler "rank"') }),
  );
});

test("undefined is no output, null is one", () => {
  expect(encodeJson(undefined, "output")).toBeUndefined();
  expect(encodeJson(null, "output")).toBe("null");
});
