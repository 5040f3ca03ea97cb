import { HiveError, InterruptedError, LeaseLostError, TerminalError, TransientError } from "./hive-error.js";
import { toError } from "./to-error.js";

describe("hive errors", () => {
  test.each([HiveError, TransientError, TerminalError, InterruptedError, LeaseLostError])(
    "%p carries code, details and cause, and its own name",
    (Kind) => {
      const cause = new Error("socket closed");
      const error = new Kind("store_away", "The store is away.", { details: { port: 6379 }, cause });
      expect(error).toBeInstanceOf(HiveError);
      expect(error).toMatchObject({ name: Kind.name, code: "store_away", message: "The store is away.", cause });
      expect(error.details).toEqual({ port: 6379 });
    },
  );

  test("without options there are empty details and no cause property", () => {
    const error = new TerminalError("bad_input", "No.");
    expect(error.details).toEqual({});
    expect("cause" in error).toBe(false);
  });

  test("a transient error may say when to come back", () => {
    expect(new TransientError("busy", "Busy.", { retryAfterMs: 250 }).retryAfterMs).toBe(250);
    expect(new TransientError("busy", "Busy.").retryAfterMs).toBeUndefined();
  });
});

describe("toError", () => {
  test("an error is returned as it is", () => {
    const error = new LeaseLostError("lost", "Lost.");
    expect(toError(error)).toBe(error);
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  test.each([
    ["a string", "broken", "broken"],
    ["an object", { code: 7 }, '{"code":7}'],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a circular object", circular, "[object Object]"],
    ["a big integer", 1n, "[object BigInt]"],
  ])("%s becomes the message and stays as cause", (_, thrown, message) => {
    expect(toError(thrown)).toMatchObject({ message, cause: thrown });
  });
});
