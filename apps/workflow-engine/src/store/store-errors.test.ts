import { isOutcomeUnknown, isStoreUnavailable, isUnstorable } from "./store-errors.js";

const withCode = (code: string): Error => Object.assign(new Error("it failed"), { code });

test.each(["ECONNREFUSED", "ECONNRESET", "57P01", "57P03", "08006", "53300", "25006", "53100", "57014"])(
  "%s passes",
  (code) => {
    expect([isStoreUnavailable(withCode(code)), isUnstorable(withCode(code))]).toEqual([true, false]);
  },
);

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

test.each(["ECONNREFUSED", "57P03", "53300", "25006", "DATABASE_AWAY"])("with %s nothing was done", (code) => {
  expect(isOutcomeUnknown(withCode(code))).toBe(false);
});

test.each(["ECONNRESET", "57P01", "57014", "08006"])("with %s it may have been done", (code) => {
  expect(isOutcomeUnknown(withCode(code))).toBe(true);
});

test("a connection that broke under a query is not taken for one that could not be made", () => {
  expect(isOutcomeUnknown(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isOutcomeUnknown(new Error("Connection terminated due to connection timeout"))).toBe(false);
  expect(isOutcomeUnknown(new Error("timeout exceeded when trying to connect"))).toBe(false);
  expect(isOutcomeUnknown(new Error("a defect"))).toBe(false);
});
