import { isStoreUnavailable, isUnstorable } from "./store-errors.js";

const withCode = (code: string): Error => Object.assign(new Error("it failed"), { code });

test.each(["ECONNREFUSED", "ECONNRESET", "57P01", "57P03", "08006", "53300", "57014"])("%s passes", (code) => {
  expect([isStoreUnavailable(withCode(code)), isUnstorable(withCode(code))]).toEqual([true, false]);
});

test.each(["22021", "22P02", "23505"])("%s never passes", (code) => {
  expect([isStoreUnavailable(withCode(code)), isUnstorable(withCode(code))]).toEqual([false, true]);
});

test.each([withCode("40P01"), withCode("42P01"), new Error("a defect"), "text", undefined, null])(
  "%p is neither",
  (error) => {
    expect([isStoreUnavailable(error), isUnstorable(error)]).toEqual([false, false]);
  },
);

test("what pg and TypeORM wrap is found", () => {
  expect(isStoreUnavailable(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isStoreUnavailable(new Error("query failed", { cause: withCode("ECONNREFUSED") }))).toBe(true);
  expect(isStoreUnavailable(new AggregateError([withCode("ECONNREFUSED")]))).toBe(true);
});
