import fc from "fast-check";
import { createKeys, parseInFlight, parseTaskKey, taskKeyOf } from "./keys.js";

test("a task key is taken apart into what it was built of", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat({ max: 100_000 }), (workflowId, position) => {
      expect(parseTaskKey(taskKeyOf(workflowId, position))).toEqual({ workflowId, position });
    }),
  );
});

test.each(["", "x:1", "01a2092b-904c-7425-bfbe-6228a46c6f72", "01a2092b-904c-7425-bfbe-6228a46c6f72:-1"])(
  "%j is no task key",
  (text) => {
    expect(parseTaskKey(text)).toBeUndefined();
  },
);

test.each([
  ["3", { attempt: 3, done: false }],
  ["12:done", { attempt: 12, done: true }],
  ["done", undefined],
  ["3:gone", undefined],
])("the in-flight value %j means %j", (value, expected) => {
  expect(parseInFlight(value)).toEqual(expected);
});

test("a prefix comes before every name, and no two names are the same", () => {
  const keys = createKeys("{s3}:");
  const names = Object.values(keys).map((key: string | ((name: string) => string)) =>
    typeof key === "string" ? key : key("backend"),
  );
  expect(names.every((name) => name.startsWith("{s3}:"))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});
